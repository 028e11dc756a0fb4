import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { barLine, Progress, type ProgressState } from '../src/report/progress.js';

const STATE: ProgressState = {
  elapsed: 8_200,
  total: 3_201,
  produced: 2_400,
  handled: 1_580,
  deadLettered: 20,
  waiting: 120,
};

function output(isTTY: boolean, columns = 80) {
  const written: string[] = [];
  return { isTTY, columns, written, write: (text: string) => written.push(text) };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('barLine', () => {
  it('shows how far it is, in films and as a share', () => {
    expect(barLine(STATE, 100)).toBe(
      '██████████████▒▒▒▒▒▒▒▒░░░░░░░░  49 %  produced 2,400 · handled 1,580 · in tiers 120 · dead 20',
    );
  });

  it.each([10, 40, 60, 79, 200])('is never wider than %i characters', (width) => {
    expect(barLine({ ...STATE, produced: 3_201, handled: 3_201 }, width).length).toBeLessThanOrEqual(width);
  });

  it('survives an input without films', () => {
    expect(barLine({ ...STATE, total: 0, produced: 0, handled: 0, deadLettered: 0 }, 100)).toContain('0 %');
  });
});

describe('Progress', () => {
  it('keeps one live bar below the lines on a terminal, and takes it away', () => {
    const terminal = output(true);
    const progress = new Progress(terminal);
    progress.start(() => STATE);
    vi.advanceTimersByTime(100);
    progress.log('broker 2 is down');
    progress.stop();
    progress.stop();
    const text = terminal.written.join('');
    expect(text).toContain('\r\u001b[2Kbroker 2 is down\n\r\u001b[2K█');
    expect(text.endsWith('\r\u001b[2K\u001b[?25h')).toBe(true);
  });

  it('writes plain lines without a terminal, and none twice', () => {
    const pipe = output(false);
    const progress = new Progress(pipe);
    let state = STATE;
    progress.start(() => state);
    vi.advanceTimersByTime(6_000);
    state = { ...STATE, handled: 1_600 };
    vi.advanceTimersByTime(2_000);
    progress.stop();
    expect(pipe.written).toHaveLength(2);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    expect(pipe.written.join('')).not.toMatch(/[\u001b\r]/);
  });
});
