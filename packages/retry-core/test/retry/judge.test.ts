import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judge } from '../../src/retry/judge.js';
import {
  CircuitOpenError,
  PermanentError,
  RetriableError,
  RetriesExhaustedError,
  VeloError,
} from '../../src/velo-error.js';

const refused = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:9092'), { code: 'ECONNREFUSED' });
const kafka = (name: string, code: number | string): Error => Object.assign(new Error('x'), { name, code });

describe('judge', () => {
  it.each([
    { name: 'an unknown error', error: new Error('boom'), category: 'Unknown', retry: true },
    { name: 'a refused connection', error: refused, category: 'NetworkIssue', retry: true },
    {
      name: 'a socket that hung up',
      error: Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }),
      category: 'NetworkIssue',
      retry: true,
    },
    {
      name: "a gRPC code 10, which is not Kafka's",
      error: Object.assign(new Error('ABORTED'), { code: 10 }),
      category: 'Unknown',
      retry: true,
    },
    {
      name: 'an author that is not found',
      error: new Error('author not found'),
      category: 'AuthenticationIssue',
      retry: true,
    },
    { name: 'a SyntaxError', error: new SyntaxError('bad'), category: 'Unknown', retry: false },
    { name: 'a ReferenceError', error: new ReferenceError('bad'), category: 'Unknown', retry: false },
    { name: 'a RangeError', error: new RangeError('bad'), category: 'Unknown', retry: false },
    { name: 'a TypeError', error: new TypeError('bad'), category: 'Unknown', retry: false },
    {
      name: 'a TypeError of fetch',
      error: new TypeError('fetch failed', { cause: refused }),
      category: 'NetworkIssue',
      retry: true,
    },
    { name: 'an abort', error: new DOMException('x', 'AbortError'), category: 'Unknown', retry: false },
    {
      name: 'a timeout of the platform',
      error: new DOMException('x', 'TimeoutError'),
      category: 'Unknown',
      retry: true,
    },
    { name: 'kafkajs: leader moved', error: kafka('KafkaJSProtocolError', 6), retry: true },
    {
      name: 'kafkajs: not authorized',
      error: kafka('KafkaJSProtocolError', 29),
      category: 'AuthenticationIssue',
      retry: false,
    },
    {
      name: 'kafkajs: topic missing',
      error: kafka('KafkaJSProtocolError', 3),
      category: 'TopicMissing',
      retry: true,
    },
    {
      name: 'a client error wrapped by velo',
      error: new VeloError('VELO_CLIENT', 'x', { cause: kafka('KafkaJSProtocolError', 29) }),
      category: 'AuthenticationIssue',
      retry: false,
    },
    {
      name: 'a PermanentError',
      error: new PermanentError('no', { cause: refused }),
      category: 'NetworkIssue',
      retry: false,
    },
    {
      name: 'a bad option',
      error: new VeloError('VELO_INVALID_OPTION', 'x'),
      category: 'ConfigurationIssue',
      retry: false,
    },
    { name: 'a closed client', error: new VeloError('VELO_CLOSED', 'x'), category: 'Unknown', retry: false },
    {
      name: 'a timeout of velo',
      error: new VeloError('VELO_TIMEOUT', 'x'),
      category: 'NetworkIssue',
      retry: true,
    },
    {
      name: 'a handler that ran too long',
      error: new VeloError('VELO_HANDLER_TIMEOUT', 'x'),
      category: 'NetworkIssue',
      retry: true,
    },
    {
      name: 'a missing topic',
      error: new VeloError('VELO_TOPIC_MISSING', 'x'),
      category: 'TopicMissing',
      retry: true,
    },
    {
      name: 'an inner retrier that gave up',
      error: new RetriesExhaustedError({ attempts: 1, elapsed: 1, category: 'TopicMissing' }),
      category: 'TopicMissing',
      retry: true,
    },
    { name: 'undefined', error: undefined, category: 'Unknown', retry: true },
    { name: 'null', error: null, category: 'Unknown', retry: true },
  ])('judges $name', ({ error, category, retry }) => {
    const judgement = judge(error);
    expect(judgement.retry).toBe(retry);
    if (category) expect(judgement.category).toBe(category);
    expect(judgement.after).toBe(0);
  });

  it.each([
    { error: new RetriableError({ after: '3s' }), after: 3_000 },
    { error: new RetriableError('text'), after: 0 },
    { error: new CircuitOpenError(250), after: 250 },
  ])('reads the least wait of $error.name: $after ms', ({ error, after }) => {
    expect(judge(error)).toMatchObject({ retry: true, after });
  });

  it("judges anything without a throw, velo's brand with any contents as well", () => {
    fc.assert(
      fc.property(
        fc.anything(),
        fc.dictionary(fc.constantFrom('code', 'cause', 'after', 'category', 'name'), fc.anything()),
        (any, parts) => {
          for (const error of [any, { ...parts, [Symbol.for('velo.error')]: true }]) {
            const { retry, after } = judge(error);
            expect(typeof retry).toBe('boolean');
            expect(after).toBeGreaterThanOrEqual(0);
          }
        },
      ),
    );
  });
});
