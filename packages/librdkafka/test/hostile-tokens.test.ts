import { VeloError } from '@velo/retry-core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { hostileValues } from '../../retry-core/test/support/hostile-values.js';
import type { RdKafkaClient } from '../src/api.js';
import { TokenKeeper } from '../src/connection/token-keeper.js';

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
