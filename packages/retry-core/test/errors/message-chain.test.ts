import { createServer } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foreignMessage } from '../../src/errors/foreign-text.js';
import { messageChain } from '../../src/errors/message-chain.js';

const caused = (message: string, cause: unknown) => new Error(message, { cause });

describe('the messages of an error and its causes', () => {
  it.each([
    { of: 'one', error: new Error('a'), told: 'a' },
    { of: 'a chain', error: caused('a', caused('b', caused('c', undefined))), told: 'a: b: c' },
    { of: 'a cause that is a text', error: caused('a', 'b'), told: 'a: b' },
    { of: 'a cause without a message', error: caused('a', { code: 7 }), told: 'a' },
    { of: 'a cause that was quoted', error: caused('tried b twice', new Error('b')), told: 'tried b twice' },
    { of: 'a sentence', error: caused('All is lost.', new Error('b')), told: 'All is lost. Cause: b' },
    {
      of: 'several at once',
      error: new AggregateError([new Error('b'), caused('c', 'd')], 'a'),
      told: 'a: b; c: d',
    },
    { of: 'several alike', error: new AggregateError([new Error('b'), new Error('b')]), told: 'b' },
    {
      of: 'many at once',
      error: new AggregateError(
        [1, 2, 3, 4, 5].map((n) => new Error(`e${n}`)),
        'a',
      ),
      told: 'a: e1; e2; e3; e4; …',
    },
    { of: 'no error at all', error: 42, told: '42' },
  ])('of $of', ({ error, told }) => {
    expect(messageChain(error)).toBe(told);
  });

  it('end in a circle, and in a chain that is too long', () => {
    const circle = caused('a', undefined);
    circle.cause = caused('b', circle);
    expect(messageChain(circle)).toBe('a: b');
    let long: unknown;
    for (let i = 0; i < 1_000; i++) long = caused(`<${i}>`, long);
    expect(messageChain(long).split(': ')).toHaveLength(12);
  });

  it('survive what throws when it is looked at', () => {
    const hostile = {
      message: 'a',
      get cause() {
        throw new Error('no');
      },
      get errors(): unknown[] {
        throw new Error('no');
      },
    };
    expect(messageChain(hostile)).toBe('a');
    expect(
      messageChain(
        caused(
          'b',
          new Proxy(
            {},
            {
              get: () => {
                throw new Error('no');
              },
            },
          ),
        ),
      ),
    ).toBe('b');
  });

  it('of a refused connection name its address', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    await new Promise((resolve) => server.close(resolve));
    const refused = await fetch(`http://127.0.0.1:${port}`).catch((error: unknown) => error);
    expect(foreignMessage(refused)).toBe(`fetch failed: connect ECONNREFUSED 127.0.0.1:${port}`);
  });

  it('are bounded, whatever is thrown', () => {
    const thrown = fc.letrec((tie) => ({
      error: fc.oneof(
        { depthSize: 'medium' },
        fc.anything(),
        fc.record({
          message: fc.anything(),
          cause: tie('error'),
          errors: fc.array(tie('error'), { maxLength: 20 }),
        }),
      ),
    })).error;
    fc.assert(
      fc.property(thrown, fc.integer({ min: 1, max: 600 }), (error, limit) => {
        expect(foreignMessage(error, limit).length).toBeLessThanOrEqual(limit);
      }),
    );
  });
});
