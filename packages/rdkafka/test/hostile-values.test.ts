import { VeloError } from '@velo/retry-core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { hostileValues } from '../../retry-core/test/support/hostile-values.js';
import type { RdKafkaClient } from '../src/api.js';
import { isFatal } from '../src/connection/fatal-error.js';
import { Faults } from '../src/connection/faults.js';
import { TokenKeeper } from '../src/connection/token-keeper.js';
import { CODES, coded, codeOf, noToken, RdKafkaError, undelivered } from '../src/errors.js';

/** Whatever a call of the client's, a token source or a logger throws, rejects with or answers. */
const zoo = Object.entries(hostileValues)
  // Nobody else would handle its rejection here.
  .filter(([name]) => !name.startsWith('a rejected promise'))
  .map(([name, make]) => ({ name, make }));
const unhandled: unknown[] = [];
const note = (error: unknown) => void unhandled.push(error);

afterEach(() => vi.useRealTimers());

/** A client as far as tokens need it. */
function clientTaking(take: (token: string) => void): RdKafkaClient {
  return { setOauthBearerToken: take } as unknown as RdKafkaClient;
}

describe.each(zoo)('of $name', ({ make }) => {
  it('the code is none, or a number', () => {
    const code = codeOf(make());
    expect(code === undefined || typeof code === 'number').toBe(true);
    expect(isFatal(make())).toBe(false);
  });

  it('it stays as it is, or has its code put back', () => {
    const value = make();
    for (const told of [coded(value), undelivered(value)])
      expect(Object.is(told, value) || told instanceof RdKafkaError).toBe(true);
  });

  it('the log explains nothing of it', () => {
    const value = make();
    const faults = new Faults({ on() {} } as unknown as RdKafkaClient, 1);
    expect(Object.is(faults.explain(value), value)).toBe(true);
  });

  it('a text of velo’s quotes it', () => {
    expect(noToken(make()).message.length).toBeLessThan(700);
  });

  it('a token source that rejects with it gives none', async () => {
    const value = make();
    const tokens = new TokenKeeper(() => Promise.reject(value));
    await expect(tokens.serve(clientTaking(() => {}))).rejects.toThrow(VeloError);
  });

  it('a logger that throws it keeps no client from its next token', async () => {
    vi.useFakeTimers();
    vi.spyOn(console, 'error').mockImplementation(() => {});
    process.on('unhandledRejection', note);
    const answers = [() => 'first', () => Promise.reject(new Error('busy')), () => 'third'];
    const taken: string[] = [];
    const client = clientTaking((token) => taken.push(token));
    const nasty = (): never => {
      throw make();
    };
    const logger = { info: nasty, warn: nasty, error: nasty };
    const tokens = new TokenKeeper(async () => (answers.shift() ?? (() => 'more'))(), logger);
    await tokens.serve(client);
    await vi.advanceTimersByTimeAsync(6 * 60_000);
    tokens.forget(client);
    expect(taken).toEqual(['first', 'third']);
    vi.useRealTimers();
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', note);
    expect(unhandled).toEqual([]);
    vi.restoreAllMocks();
  });
});

it('a lost code is put back, one that is there stays', () => {
  const lost = Object.assign(new Error('broker transport failure'), { code: -1 });
  expect(codeOf(lost)).toBe(CODES.TRANSPORT);
  expect(coded(lost)).toMatchObject({ code: CODES.TRANSPORT, cause: lost });
  const kept = Object.assign(new Error('x'), { code: CODES.TIMED_OUT });
  expect(coded(kept)).toBe(kept);
});
