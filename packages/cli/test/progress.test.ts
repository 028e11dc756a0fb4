import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { barLine, Progress } from '../src/terminal/progress.js';
import { writerTo } from '../src/terminal/writer.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function watched(isTTY: boolean) {
  let written = '';
  const write = (text: string) => {
    written += text;
  };
  const progress = new Progress(writerTo({ isTTY, columns: 80, write }, {}), () => Date.now());
  return { progress, written: () => written };
}

describe('progress', () => {
  it('is a bar that fits its terminal, and is gone at the end', () => {
    const { progress, written } = watched(true);
    progress.update({ done: 30, total: 60, text: 'replayed 30' });
    vi.advanceTimersByTime(200);
    progress.stop();
    const [, drawn = ''] = written().split('\r\u001b[2K');
    expect(drawn).toBe(`${'█'.repeat(15)}${'░'.repeat(15)}  50 %  replayed 30`);
    expect(written().endsWith('\r\u001b[2K')).toBe(true);
    vi.advanceTimersByTime(60_000);
    expect(written().match(/replayed/g)).toHaveLength(1);
  });

  it('is a plain line now and then without a terminal, and none where nothing has changed', () => {
    const { progress, written } = watched(false);
    progress.update({ done: 1, total: 2, text: 'replayed 1' });
    vi.advanceTimersByTime(11_000);
    expect(written()).toBe('1 of 2: replayed 1\n');
    progress.stop();
  });

  it('says where nothing moves', () => {
    const { progress, written } = watched(false);
    progress.update({ done: 1, total: 2, text: 'replayed 1' });
    vi.advanceTimersByTime(31_000);
    progress.update({ done: 2, total: 2, text: 'replayed 2' });
    vi.advanceTimersByTime(5_000);
    progress.stop();
    expect(written().split('\n')).toEqual([
      '1 of 2: replayed 1',
      '1 of 2: replayed 1 · nothing new for 15s: brokers may be away',
      '1 of 2: replayed 1 · nothing new for 30s: brokers may be away',
      '2 of 2: replayed 2',
      '',
    ]);
  });

  it.each([10, 30, 79, 200])('takes no more than %d columns', (width) => {
    for (const total of [undefined, 0, 60])
      expect(barLine({ done: 70, total, text: 'x'.repeat(50) }, width).length).toBeLessThanOrEqual(width);
  });
});
