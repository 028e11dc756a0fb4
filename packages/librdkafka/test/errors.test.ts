import { classifyKafkaError } from '@velo/retry-core';
import { describe, expect, it } from 'vitest';
import { undelivered } from '../src/errors/errors.js';

describe('a record whose partition has vanished', () => {
  const TEXT = 'broker handle destroyed for termination';

  it.each([-197, -1])('may be tried again, as one of a missing topic: code %i of node-rdkafka', (code) => {
    const error = undelivered(Object.assign(new Error(TEXT), { code, errno: code, origin: 'local' }));
    expect(classifyKafkaError(error)).toMatchObject({ code: 3, category: 'TopicMissing', retry: true });
    expect((error as Error).message).toContain(TEXT);
  });
});

describe('a record that the brokers refuse by UNKNOWN_SERVER_ERROR', () => {
  const error = Object.assign(new Error('Unknown broker error'), { code: -1, errno: -1, origin: 'kafka' });

  it('may be tried again, and where it has headers, it says what to look at', () => {
    const told = undelivered(error, true);
    expect(classifyKafkaError(told)).toMatchObject({ retry: true });
    expect(String(told)).toMatch(/^LibrdKafkaError: Unknown broker error; .*message\.format\.version/);
  });

  it('says no more where it has none', () => {
    expect(String(undelivered(error, false))).not.toContain('message.format.version');
  });
});
