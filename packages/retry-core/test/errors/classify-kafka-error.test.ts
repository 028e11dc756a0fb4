import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  categorizeKafkaError,
  classifyKafkaError,
  errorCategories,
  isKafkaClientError,
  isRetriableCategory,
  kafkaErrorCodes,
  recoveryActions,
} from '../../src/index.js';
import {
  kafkaJsError,
  kafkaJsProtocolError,
  kafkaJsRetriesExceeded,
  kafkaJsUnknownCode,
  LibrdKafkaError,
  platformaticError,
  platformaticProtocolError,
  socketError,
} from './client-errors.js';

const missing = kafkaJsProtocolError(
  'UNKNOWN_TOPIC_OR_PARTITION',
  3,
  'This server does not host this topic-partition',
);
const refused = kafkaJsError(
  'KafkaJSConnectionError',
  'Connection error: connect ECONNREFUSED 127.0.0.1:9092',
  {
    broker: '127.0.0.1:9092',
    code: 'ECONNREFUSED',
  },
);

describe('kafkajs', () => {
  it.each([
    ['a protocol error', missing, 3, 'TopicMissing', true],
    ['exhausted retries', kafkaJsRetriesExceeded(missing), 3, 'TopicMissing', true],
    [
      'NOT_LEADER',
      kafkaJsProtocolError('NOT_LEADER_FOR_PARTITION', 6, 'not the leader'),
      6,
      'NetworkIssue',
      true,
    ],
    [
      'MESSAGE_TOO_LARGE',
      kafkaJsProtocolError('MESSAGE_TOO_LARGE', 10, 'larger', false),
      10,
      'ConfigurationIssue',
      false,
    ],
    [
      'a denied topic',
      kafkaJsProtocolError('TOPIC_AUTHORIZATION_FAILED', 29, 'Not', false),
      29,
      'AuthenticationIssue',
      false,
    ],
    [
      'UNKNOWN',
      kafkaJsProtocolError('UNKNOWN', -1, 'The server experienced an unexpected error', false),
      -1,
      'Unknown',
      true,
    ],
    ['a code above 88', kafkaJsUnknownCode(100), 100, 'TopicMissing', true],
    ['a quota', kafkaJsRetriesExceeded(kafkaJsUnknownCode(89)), 89, 'Unknown', true],
    ['a fenced producer', kafkaJsUnknownCode(90), 90, 'Unknown', false],
    ['a code newer than the table', kafkaJsUnknownCode(500), 500, 'Unknown', true],
    ['a broker that is down', refused, undefined, 'NetworkIssue', true],
    ['it after retries', kafkaJsRetriesExceeded(refused), undefined, 'NetworkIssue', true],
    [
      'it on send: "not retriable" with a cause',
      kafkaJsError('KafkaJSNonRetriableError', refused.message, { retriable: false, cause: refused }),
      undefined,
      'NetworkIssue',
      true,
    ],
    [
      'a closed connection',
      kafkaJsError('KafkaJSConnectionClosedError', 'Closed connection'),
      undefined,
      'NetworkIssue',
      true,
    ],
    [
      'a timeout',
      kafkaJsError('KafkaJSRequestTimeoutError', 'Request X timed out'),
      undefined,
      'NetworkIssue',
      true,
    ],
    [
      'a lock',
      kafkaJsError('KafkaJSLockTimeout', 'Timeout while acquiring lock'),
      undefined,
      'NetworkIssue',
      true,
    ],
    [
      'no broker',
      kafkaJsError('KafkaJSBrokerNotFound', 'No brokers in the broker pool'),
      undefined,
      'NetworkIssue',
      true,
    ],
    [
      'no metadata',
      kafkaJsError('KafkaJSMetadataNotLoaded', 'Topic metadata not loaded'),
      undefined,
      'NetworkIssue',
      true,
    ],
    [
      'no metadata of a topic',
      kafkaJsError('KafkaJSTopicMetadataNotLoaded', 'Topic metadata not loaded', { topic: 'orders' }),
      undefined,
      'TopicMissing',
      true,
    ],
    [
      'a refused password',
      kafkaJsError('KafkaJSSASLAuthenticationError', 'SASL PLAIN: connection to broker refused', {
        retriable: false,
      }),
      undefined,
      'AuthenticationIssue',
      false,
    ],
    [
      'a disconnected producer',
      kafkaJsError('KafkaJSError', 'The producer is disconnected'),
      undefined,
      'NetworkIssue',
      true,
    ],
    [
      'a refused call',
      kafkaJsError('KafkaJSNonRetriableError', 'Invalid topic'),
      undefined,
      'ConfigurationIssue',
      false,
    ],
    [
      'a bad certificate',
      kafkaJsError('KafkaJSConnectionError', 'Connection error: self-signed certificate', {
        code: 'DEPTH_ZERO_SELF_SIGNED_CERT',
      }),
      undefined,
      'AuthenticationIssue',
      false,
    ],
    [
      'topics that exist, by an aggregate',
      Object.assign(new Error('Topic creation errors'), {
        name: 'KafkaJSAggregateError',
        errors: [
          kafkaJsError('KafkaJSCreateTopicError', 'exists', {
            type: 'TOPIC_ALREADY_EXISTS',
            code: 36,
            topic: 'orders',
          }),
        ],
      }),
      36,
      'ConfigurationIssue',
      false,
    ],
  ] as const)('%s', (_, error, code, category, retry) => {
    expect(classifyKafkaError(error)).toMatchObject({ category, retry });
    expect(classifyKafkaError(error).code).toBe(code);
    expect(categorizeKafkaError(error)).toBe(category);
    expect(isKafkaClientError(error)).toBe(true);
  });
});

describe('node-rdkafka', () => {
  it.each([
    ['a thrown error with its code', new LibrdKafkaError(-184, 'Local: Queue full'), -184, 'Unknown', true],
    [
      'a delivery report, code lost',
      new LibrdKafkaError(-1, 'topic authorization failed', 'broker'),
      29,
      'AuthenticationIssue',
      false,
    ],
    [
      'event.error, code lost',
      new LibrdKafkaError(-1, 'broker transport failure'),
      -195,
      'NetworkIssue',
      true,
    ],
    ['a message that timed out', new LibrdKafkaError(-1, 'message timed out'), -192, 'NetworkIssue', true],
    [
      'a missing topic',
      new LibrdKafkaError(3, 'Broker: Unknown topic or partition', 'kafka'),
      3,
      'TopicMissing',
      true,
    ],
    [
      'a wrong login',
      new LibrdKafkaError(-169, 'authentication failure'),
      -169,
      'AuthenticationIssue',
      false,
    ],
    ['a fenced producer', new LibrdKafkaError(-144, 'fenced'), -144, 'Unknown', false],
    [
      'a lost code with a text of its own',
      new LibrdKafkaError(-1, 'connect to kafka:9092 failed: connection refused'),
      undefined,
      'NetworkIssue',
      true,
    ],
    ['a lost code that says nothing', new LibrdKafkaError(-1, 'hm'), -1, 'Unknown', true],
  ] as const)('%s', (_, error, code, category, retry) => {
    expect(classifyKafkaError(error)).toMatchObject({ category, retry });
    expect(classifyKafkaError(error).code).toBe(code);
    expect(isKafkaClientError(error)).toBe(true);
  });
});

describe('@platformatic/kafka', () => {
  const wrongPassword = platformaticError(
    'NetworkError',
    'PLT_KFK_NETWORK',
    'Connection to kafka:9092 failed.',
    {
      canRetry: true,
      cause: platformaticError(
        'AuthenticationError',
        'PLT_KFK_AUTHENTICATION',
        'SASL authentication failed.',
      ),
    },
  );
  it.each([
    ['a wrong password inside a network error', wrongPassword, undefined, 'AuthenticationIssue', false],
    [
      'errors in errors',
      platformaticError('MultipleErrors', 'PLT_KFK_MULTIPLE', 'produce failed', {
        errors: [
          platformaticError('ResponseError', 'PLT_KFK_RESPONSE', 'Received response with error', {
            errors: [platformaticProtocolError('NOT_LEADER_OR_FOLLOWER', 6, 'not the leader')],
          }),
        ],
      }),
      6,
      'NetworkIssue',
      true,
    ],
    [
      'a missing topic, code dropped',
      platformaticError('UserError', 'PLT_KFK_USER', 'Unknown topic orders.'),
      undefined,
      'TopicMissing',
      true,
    ],
    [
      'a broker that is down',
      platformaticError('MultipleErrors', 'PLT_KFK_MULTIPLE', 'Cannot connect', {
        errors: [
          platformaticError('NetworkError', 'PLT_KFK_NETWORK', 'Connection failed', {
            cause: socketError('ECONNREFUSED', 'connect'),
          }),
        ],
      }),
      undefined,
      'NetworkIssue',
      true,
    ],
  ] as const)('%s', (_, error, code, category, retry) => {
    expect(classifyKafkaError(error)).toMatchObject({ category, retry });
    expect(classifyKafkaError(error).code).toBe(code);
    expect(isKafkaClientError(error)).toBe(true);
  });
});

describe('the root cause', () => {
  it('is the innermost one that says anything', () => {
    const inner = new Error('socket closed for some reason');
    const middle = Object.assign(new Error('x', { cause: inner }), { code: 29 });
    const outer = new Error('Unknown topic orders', { cause: middle });
    expect(classifyKafkaError(outer)).toEqual({
      code: 29,
      name: 'TOPIC_AUTHORIZATION_FAILED',
      category: 'AuthenticationIssue',
      retry: false,
      action: 'fix-configuration',
    });
  });

  it('is, of an aggregate, the part that another attempt cannot mend', () => {
    const parts = [
      socketError('ECONNREFUSED', 'connect ECONNREFUSED ::1:9092'),
      Object.assign(new Error('x'), { code: 29 }),
    ];
    expect(categorizeKafkaError(new AggregateError(parts))).toBe('AuthenticationIssue');
    expect(categorizeKafkaError(new AggregateError(parts.slice(0, 1)))).toBe('NetworkIssue');
    expect(categorizeKafkaError(new AggregateError([new Error('hm'), { code: 3 }]))).toBe('TopicMissing');
  });

  it.each([
    ['null', null, 'Unknown'],
    ['undefined', undefined, 'Unknown'],
    ['a text', 'Broker: Topic authorization failed', 'AuthenticationIssue'],
    ['an empty text', '', 'Unknown'],
    ['a number', 3, 'TopicMissing'],
    ['an unknown number', 5000, 'Unknown'],
    ['NaN', Number.NaN, 'Unknown'],
    ['a bigint', 3n, 'Unknown'],
    ['a symbol', Symbol('x'), 'Unknown'],
    ['a boolean', true, 'Unknown'],
    ['an empty object', {}, 'Unknown'],
    ['an object with a code', { code: 58 }, 'AuthenticationIssue'],
    ['an object with a name for a code', { code: 'ERR__ALL_BROKERS_DOWN' }, 'NetworkIssue'],
    ['a code as a fraction', { code: 3.5 }, 'Unknown'],
    ['a code and a message beside the table', { code: 9999, message: 'network down' }, 'NetworkIssue'],
    ['code 0', { code: 0, message: 'connection lost' }, 'NetworkIssue'],
    ['a message that is no text', { message: { toString: () => 'network' } }, 'Unknown'],
    ['a function', () => 'network', 'Unknown'],
    ['a null prototype', Object.assign(Object.create(null), { code: 7 }), 'NetworkIssue'],
    [
      "a timeout of the platform, whose 23 is not Kafka's",
      new DOMException('signal timed out', 'TimeoutError'),
      'NetworkIssue',
    ],
    [
      "an abort, whose 20 is not Kafka's",
      new DOMException('This operation was aborted', 'AbortError'),
      'Unknown',
    ],
    ['ENOTFOUND', socketError('ENOTFOUND', 'getaddrinfo ENOTFOUND auth.example.com'), 'NetworkIssue'],
    ['EHOSTUNREACH', socketError('EHOSTUNREACH', 'no'), 'NetworkIssue'],
  ])('of %s is answered', (_, error, category) => {
    expect(categorizeKafkaError(error)).toBe(category);
  });

  it('is found in cycles', () => {
    const first: Error & { cause?: unknown } = new Error('a');
    const second = new Error('Connection lost', { cause: first });
    first.cause = second;
    expect(categorizeKafkaError(first)).toBe('NetworkIssue');
    const self = new AggregateError([]);
    self.errors.push(self);
    expect(categorizeKafkaError(self)).toBe('Unknown');
  });

  it('is looked for within bounds', () => {
    let deep = new Error('Connection lost');
    for (let depth = 0; depth < 10_000; depth += 1) deep = new Error('outer', { cause: deep });
    expect(categorizeKafkaError(deep)).toBe('Unknown');
    const wide = new AggregateError(Array.from({ length: 1_000_000 }, () => ({ message: 'hm' })));
    const started = performance.now();
    expect(categorizeKafkaError(wide)).toBe('Unknown');
    expect(performance.now() - started).toBeLessThan(100);
  });

  it('survives hostile values', () => {
    const trap = () => {
      throw new Error('trap');
    };
    const traps = {
      get: trap,
      has: trap,
      ownKeys: trap,
      getPrototypeOf: trap,
      getOwnPropertyDescriptor: trap,
    };
    const revoked = Proxy.revocable([], {});
    revoked.revoke();
    const hostile = [
      new Proxy({}, traps),
      new Proxy(() => undefined, traps),
      Object.defineProperty(new Error('broker'), 'code', { get: trap }),
      Object.defineProperty(new Error('broker'), 'cause', { get: trap }),
      Object.defineProperty(new Error('broker'), 'message', { get: trap }),
      { errors: new Proxy([], traps) },
      { errors: revoked.proxy },
      { errors: [new Proxy({}, traps)], cause: new Proxy({}, traps) },
      { errors: { length: 3 } },
    ];
    for (const error of hostile) {
      expect(errorCategories).toContain(categorizeKafkaError(error));
      expect(recoveryActions).toContain(classifyKafkaError(error).action);
      expect(isKafkaClientError(error)).toBe(false);
    }
  });

  it('has an answer for every value', () => {
    const field = fc.oneof(
      fc.anything(),
      fc.integer({ min: -220, max: 140 }),
      fc.constantFrom('ECONNREFUSED', 'PLT_KFK_NETWORK'),
    );
    const keys = fc.constantFrom(
      'code',
      'message',
      'cause',
      'errors',
      'type',
      'name',
      'apiCode',
      'errno',
      'origin',
    );
    const value = fc.oneof(fc.anything({ withNullPrototype: true }), fc.dictionary(keys, field));
    fc.assert(
      fc.property(value, (error) => {
        const { category, action, retry } = classifyKafkaError(error);
        isKafkaClientError(error);
        return (
          errorCategories.includes(category) && recoveryActions.includes(action) && typeof retry === 'boolean'
        );
      }),
      { numRuns: 1000 },
    );
  });
});

describe('isKafkaClientError', () => {
  it.each([
    [
      'a gRPC error, whose 10 is ABORTED',
      Object.assign(new Error('10 ABORTED'), { code: 10, details: 'x', metadata: {} }),
    ],
    ["a socket error, which may be anybody's", socketError('ECONNREFUSED', 'connect')],
    ['a plain error', new Error('Unknown topic or partition')],
    ['a TypeError', new TypeError('x is not a function')],
    ['a text', 'KafkaJSError'],
    ['nothing', undefined],
    ['a number', 3],
    [
      'a gRPC error inside a kafkajs error',
      kafkaJsError('KafkaJSError', 'x', { cause: Object.assign(new Error('x'), { code: 10 }) }),
    ],
  ])('is false of %s', (_, error) => {
    expect(isKafkaClientError(error)).toBe(false);
  });

  it.each([
    [
      "an application's error with a client's error as its cause",
      new Error('could not publish', { cause: missing }),
    ],
    ["an aggregate of clients' errors", new AggregateError([new Error('x'), new LibrdKafkaError(-195, 'x')])],
    ["kafkajs's error without a name", new (class KafkaJSFetcherRebalanceError extends Error {})()],
    [
      'a subclass by another build: name and type',
      { name: 'KafkaJSProtocolError', type: 'REBALANCE_IN_PROGRESS', code: 27 },
    ],
    [
      "a broker's code that a binding has made an error of",
      Object.assign(new Error('x'), { name: 'KafkaCodeError', code: 10 }),
    ],
    [
      'LibrdKafkaError with a minified class name',
      Object.assign(new Error('x'), { code: -195, errno: -195, origin: 'local' }),
    ],
  ])('is true of %s', (_, error) => {
    expect(isKafkaClientError(error)).toBe(true);
  });
});

/** Where velo's decision differs from Apache's flag (librdkafka's, for its own codes), and why. */
const DIFFERENCES: readonly (readonly [reason: string, retry: boolean, codes: readonly number[]])[] = [
  [
    'not an error: an event or a marker that stands where an error would; nothing is to be given up',
    true,
    [-200, -191, -182, -175, -174, -168, -141, -100, 0],
  ],
  [
    'the network or the cluster recovers; librdkafka reconnects by itself and only reports',
    true,
    [-196, -193, -187, -183],
  ],
  ['not delivered in time: sent again, at the price of a possible duplicate', true, [-192]],
  ['the specification retries a missing topic: it may be about to be created', true, [-190, -188]],
  ['back pressure: passes as soon as the queue drains', true, [-184]],
  ['librdkafka repeats the handshake for ever; a certificate that was refused stays refused', false, [-181]],
  ['something else is under way; passes by waiting', true, [-180, -178, -177, -164, -163, -153, 27, 60, 111]],
  ['stale knowledge: new metadata mends it', true, [-167, -146, -137, 11, 108, 109, 116]],
  ['an answer that was cut short: asked for again', true, [-158, -155]],
  ['the client rejoins by itself at the next poll', true, [-147, 79, 113]],
  ['unclear: the specification retries Unknown, conservatively', true, [-143, -1, 96]],
  ['another record was at fault, or the request as a whole: this one may pass alone', true, [-138, 55]],
  ['Velostream: a NetworkIssue; the broker comes back or another takes over', true, [8]],
  [
    'between brokers, not made for clients; passes as the cluster settles',
    true,
    [52, 77, 98, 99, 102, 107, 124],
  ],
  ['a telemetry subscription is renewed by the client', true, [117]],
  ['a share group delivers the record again', true, [121]],
];

describe('the verdict on a code', () => {
  it('differs from the flag only where a reason is given', () => {
    const expected = DIFFERENCES.flatMap(([, retry, codes]) => codes.map((code) => ({ code, retry })));
    const actual = kafkaErrorCodes
      .map(({ code, retriable, action }) => ({
        code,
        retriable,
        retry: action === 'retry' || action === 'refresh-metadata',
      }))
      .filter(({ retriable, retry }) => retriable !== retry)
      .map(({ code, retry }) => ({ code, retry }));
    expect(actual).toEqual(expected.sort((a, b) => a.code - b.code));
  });

  it.each(kafkaErrorCodes.filter(({ code }) => code > 0 || code < -1))(
    'follows the action of $name',
    (row) => {
      const verdict = classifyKafkaError({ code: row.code });
      expect(verdict).toEqual({
        code: row.code,
        name: row.name,
        category: row.category,
        action: row.action,
        retry: row.action === 'retry' || row.action === 'refresh-metadata',
      });
      // What the category forbids, no action allows.
      if (verdict.retry) expect(isRetriableCategory(row.category)).toBe(true);
    },
  );
});
