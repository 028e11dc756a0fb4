import { describe, expect, it } from 'vitest';
import { OldBrokers } from '../src/errors/old-brokers.js';

const line = (broker: string, text: string, fac = 'APIVERSION') => ({
  fac,
  message: `[thrd:${broker}]: ${broker}: ${text}`,
});

describe('brokers whose records have no headers', () => {
  it('are told by the log, and until their connection tells otherwise', () => {
    const brokers = new OldBrokers();
    brokers.read(line('a:9092/1', 'Enabling feature MsgVer2'));
    expect(brokers.any).toBe(false);
    brokers.read(line('b:9092/2', 'Disabling feature MsgVer2'));
    brokers.read(line('a:9092/1', 'Enabling feature MsgVer2'));
    expect(brokers.any).toBe(true);
    brokers.read(line('b:9092/2', 'Enabling feature MsgVer2'));
    expect(brokers.any).toBe(false);
  });

  it.each([
    line('a:9092/1', 'Disabling feature MsgVer2', 'FAIL'),
    line('a:9092/1', 'Disabling feature ZSTD'),
    { fac: 'APIVERSION', message: 'Disabling feature MsgVer2' },
  ])('are not told by $message of $fac', (other) => {
    const brokers = new OldBrokers();
    brokers.read(other);
    expect(brokers.any).toBe(false);
  });
});
