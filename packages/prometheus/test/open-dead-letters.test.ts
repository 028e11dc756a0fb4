import type { DeadLetterSummary } from '@velo/engine';
import { VeloError } from '@velo/retry-core';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { prometheus } from '../src/prometheus.js';
import { scrape } from './support/scrape.js';

const TARGET = 'group="billing",target="orders-billing-dlt"';

let register: Registry;
let observer: ReturnType<typeof prometheus>;
let looks: number;
let summary: () => Promise<DeadLetterSummary>;
const letters = { summary: () => summary() };

const open = (count: number, oldest?: number): DeadLetterSummary => ({
  groupId: 'billing',
  at: 1_700_000_500_000,
  open: count,
  topics: [
    { topic: 'orders-billing-dlt', open: count, replayed: 0, discarded: 0, oldest, lastHour: 0, groups: [] },
  ],
});

beforeEach(() => {
  vi.useFakeTimers();
  register = new Registry();
  observer = prometheus({ register });
  looks = 0;
  summary = async () => {
    looks++;
    return open(3, 1_700_000_000_000);
  };
});
afterEach(() => {
  vi.useRealTimers();
});

describe('open dead letters', () => {
  it('are looked at where that is asked for: at once, then every 5 minutes', async () => {
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(looks).toBe(0);
    const end = observer.watchDeadLetters(letters);
    await vi.advanceTimersByTimeAsync(0);
    const samples = await scrape(register);
    expect(samples.get(`velo_open_dead_letters{${TARGET}}`)).toBe(3);
    expect(samples.get(`velo_oldest_open_dead_letter_timestamp_seconds{${TARGET}}`)).toBe(1_700_000_000);
    expect(samples.get('velo_open_dead_letters_look_timestamp_seconds{group="billing"}')).toBe(1_700_000_500);
    await vi.advanceTimersByTimeAsync(300_000);
    expect(looks).toBe(2);
    end();
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(looks).toBe(2);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('are 0 and have no oldest one where all were replayed', async () => {
    const end = observer.watchDeadLetters(letters, { every: '1m' });
    await vi.advanceTimersByTimeAsync(0);
    summary = async () => open(0);
    await vi.advanceTimersByTimeAsync(60_000);
    const samples = await scrape(register);
    expect(samples.get(`velo_open_dead_letters{${TARGET}}`)).toBe(0);
    expect(samples.has(`velo_oldest_open_dead_letter_timestamp_seconds{${TARGET}}`)).toBe(false);
    end();
  });

  it('that cannot be counted now are counted next time, and whoever asked is told', async () => {
    const errors: unknown[] = [];
    const error = new Error('no broker');
    summary = () => Promise.reject(error);
    const end = observer.watchDeadLetters(letters, {
      every: '1m',
      onError: (told) => {
        errors.push(told);
        throw new Error('and this is thrown by whoever is told');
      },
    });
    await vi.advanceTimersByTimeAsync(0);
    expect(errors).toEqual([error]);
    summary = async () => open(8);
    await vi.advanceTimersByTimeAsync(60_000);
    expect((await scrape(register)).get(`velo_open_dead_letters{${TARGET}}`)).toBe(8);
    end();
  });

  it('are not looked at any more once their velo is closed', async () => {
    summary = () => Promise.reject(new VeloError('VELO_CLOSED', 'closed'));
    observer.watchDeadLetters(letters);
    await vi.advanceTimersByTimeAsync(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('are not looked at more often than once a minute', () => {
    expect(() => observer.watchDeadLetters(letters, { every: '1s' })).toThrow(/every/);
    expect(() => observer.watchDeadLetters({} as never)).toThrow(/deadLetters/);
    expect(() => observer.watchDeadLetters(letters, { evry: '1m' } as never)).toThrow(/every/);
  });
});
