import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KafkaHeader } from '../../src/binding/record.js';
import type { DeadLetterHeaders } from '../../src/headers/profile.js';
import { readDeadLetter } from '../../src/headers/read-dead-letter.js';
import { copyOf, recordWith } from '../support/copies.js';

const profiles: DeadLetterHeaders[] = ['velo', 'spring', 'connect', 'kip1191'];
const read = (headers: readonly KafkaHeader[]) => readDeadLetter(recordWith(headers, 'dlt'));
const text = (name: string, value: string): KafkaHeader => [name, Buffer.from(value)];
const hex = (name: string, value: string): KafkaHeader => [name, Buffer.from(value, 'hex')];

describe('a dead letter', () => {
  it.each(profiles)('%s: comes back as it was written', (profile) => {
    fc.assert(
      fc.property(
        fc.record({
          partition: fc.nat(2 ** 31 - 1),
          offset: fc.bigInt(0n, 2n ** 63n - 1n).map(String),
          timestamp: fc.integer({ min: -(2 ** 45), max: 2 ** 45 }),
          attempts: fc.integer({ min: 1, max: 30_000 }),
        }),
        fc.constantFrom('permanent', 'exhausted', 'refused'),
        (state, reason) => {
          const error = new TypeError('no such field', { cause: new SyntaxError() });
          const info = read(copyOf(recordWith(), { state, reason, profile, error }));
          const hasTimestamp = profile === 'velo' || profile === 'spring';
          expect(info).toEqual({
            profile,
            topic: 'orders',
            ...state,
            timestamp: hasTimestamp ? state.timestamp : undefined,
            group: 'billing',
            reason,
            error: {
              name: profile === 'kip1191' ? undefined : 'TypeError',
              cause: profile === 'spring' ? 'SyntaxError' : undefined,
              message: 'no such field',
              stack: undefined,
            },
          });
        },
      ),
    );
  });

  it('of Spring’s retry topics, as Java writes it', () => {
    expect(
      read([
        text('kafka_original-topic', 'orders'),
        hex('kafka_original-partition', '00000003'),
        hex('kafka_original-offset', '0000000000000d18'),
        hex('kafka_original-timestamp', '000001a009712548'),
        text('kafka_original-timestamp-type', 'CreateTime'),
        text('kafka_dlt-original-consumer-group', 'billing'),
        text('kafka_exception-fqcn', 'org.springframework.kafka.listener.ListenerExecutionFailedException'),
        text('kafka_exception-cause-fqcn', 'java.lang.IllegalStateException'),
        text('kafka_exception-message', 'Listener failed; boom'),
        text('kafka_exception-stacktrace', 'java.lang…\n\tat a.B.c(B.java:1)\n'),
        hex('retry_topic-original-timestamp', '01a009712548'),
        // Spring keeps all values unless told otherwise: the last one counts.
        hex('retry_topic-attempts', '00000002'),
        hex('retry_topic-attempts', '00000005'),
        hex('retry_topic-backoff-timestamp', '01a012ab41bf'),
      ]),
    ).toEqual({
      profile: 'spring',
      topic: 'orders',
      partition: 3,
      offset: '3352',
      timestamp: 1_786_864_805_192,
      group: 'billing',
      attempts: 4,
      reason: undefined,
      error: {
        name: 'org.springframework.kafka.listener.ListenerExecutionFailedException',
        cause: 'java.lang.IllegalStateException',
        message: 'Listener failed; boom',
        stack: 'java.lang…\n\tat a.B.c(B.java:1)\n',
      },
    });
  });

  it.each([
    { message: 'Offset rejected by client.', reason: 'permanent' },
    { message: 'Offset delivery count exceeded the threshold.', reason: 'exhausted' },
    { message: 'constructor', reason: undefined },
  ])('of a share group: "$message" means $reason', ({ message, reason }) => {
    const info = read([text('__dlq.errors.topic', 'orders'), text('__dlq.errors.message', message)]);
    expect(info).toMatchObject({ profile: 'kip1191', topic: 'orders', partition: undefined });
    expect(info?.reason).toBe(reason);
  });

  it('tells no control characters of a stranger: neither in the group nor in the stack', () => {
    const info = read([
      text('kafka_dlt-original-topic', 'orders'),
      text('kafka_dlt-original-consumer-group', 'a\u001b[2J\u202eb'),
      text('kafka_dlt-exception-stacktrace', 'E: a\n\tat b\u001b[2J\u0085\u2028c\r'),
    ]);
    expect(info?.group).toBe('a\\u{1b}[2J\\u{202e}b');
    expect(info?.error.stack).toBe('E: a\n\tat b [2J  c ');
  });

  it('that was one before: the last writer is believed, and an older reason is not', () => {
    const first = copyOf(recordWith(), { reason: 'permanent' });
    const second: KafkaHeader[] = [
      ...first,
      text('__connect.errors.topic', 'payments'),
      text('__connect.errors.partition', '4'),
    ];
    expect(read(second)).toMatchObject({ profile: 'connect', topic: 'payments', partition: 4 });
    expect(read(second)?.reason).toBeUndefined();
    expect(read(second)?.attempts).toBeUndefined();
    const third = copyOf(recordWith(second, 'payments'), { reason: 'exhausted' });
    expect(read(third)).toMatchObject({ profile: 'velo', topic: 'payments', reason: 'exhausted' });
  });

  it('under two prefixes of Spring: the last writer’s facts, by the order of headers', () => {
    const retried = [
      text('kafka_exception-message', 'of the retry topics'),
      text('kafka_original-topic', 'orders'),
      text('kafka_dlt-original-consumer-group', 'billing'),
      hex('retry_topic-attempts', '00000003'),
    ];
    const plain = [
      text('kafka_dlt-exception-message', 'of the recoverer'),
      text('kafka_dlt-original-topic', 'orders-dlt'),
      text('kafka_dlt-original-consumer-group', 'again'),
    ];
    const behind = read([...retried, ...plain]);
    expect(behind).toMatchObject({
      topic: 'orders-dlt',
      group: 'again',
      error: { message: 'of the recoverer' },
    });
    expect(behind?.attempts).toBeUndefined();
    const before = {
      topic: 'orders',
      group: 'billing',
      attempts: 2,
      error: { message: 'of the retry topics' },
    };
    expect(read([...plain, ...retried])).toMatchObject(before);
    // Retry topics keep the first original: what they add at each hop tells that they have written.
    const hop = [text('kafka_exception-message', 'again'), hex('retry_topic-attempts', '00000004')];
    expect(read([...retried, ...plain, ...hop])).toMatchObject({
      topic: 'orders',
      attempts: 3,
      error: { message: 'again' },
    });
  });

  it.each([
    { prefix: 'kafka_', origin: 'kafka_original-topic' },
    { prefix: 'kafka_dlt-', origin: 'kafka_dlt-original-topic' },
  ])('of a key that cannot be deserialized: $prefix', ({ prefix, origin }) => {
    const headers = [
      text(`${prefix}key-exception-fqcn`, 'DeserializationException'),
      text(`${prefix}exception-cause-fqcn`, 'IOException'),
      text(`${prefix}key-exception-message`, 'no key'),
      text(`${prefix}key-exception-stacktrace`, 'at a.B'),
      text(origin, 'orders'),
    ];
    const error = {
      name: 'DeserializationException',
      cause: 'IOException',
      message: 'no key',
      stack: 'at a.B',
    };
    expect(read(headers)?.error).toEqual(error);
    const value = [text(`${prefix}exception-fqcn`, 'Other'), text(`${prefix}exception-message`, 'no value')];
    expect(read([...value, ...headers])?.error).toEqual(error);
    expect(read([...headers, ...value])?.error).toMatchObject({ name: 'Other', message: 'no value' });
  });

  it('of Connect, which keeps the record’s timestamp; of velo in Connect’s names, which does not', () => {
    const stamped = recordWith([text('__connect.errors.topic', 'orders')], 'dlt');
    expect(readDeadLetter(stamped)?.timestamp).toBe(stamped.timestamp);
    const ours = recordWith(copyOf(recordWith(), { reason: 'permanent', profile: 'connect' }), 'dlt');
    expect(readDeadLetter(ours)?.timestamp).toBeUndefined();
  });

  it.each([
    [[]],
    [[text('trace', '1')]],
    [[text('velo-reason', 'permanent')]],
    [[text('velo-original-topic', '../etc\n')]],
    [[text('__dlq.errors.topic', 'x'.repeat(250))]],
    [[['velo-original-topic', null] as KafkaHeader]],
  ])('is none: %j', (headers) => {
    expect(read(headers)).toBeUndefined();
  });

  it('whatever the headers hold: never a throw, numbers in range, texts bounded', () => {
    const names = [
      ...new Set(
        profiles.flatMap((profile) => [
          ...copyOf(recordWith(), { profile, reason: 'permanent', stackTraces: true }).map(([name]) => name),
          ...copyOf(recordWith(), { profile, due: 1, stackTraces: true }).map(([name]) => name),
        ]),
      ),
    ];
    const value = fc.option(
      fc.oneof(
        fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)),
        fc.constantFrom('', '-1', '9'.repeat(19), '1e3', '0x10', ' 1', '٣').map((s) => Buffer.from(s)),
        fc.constant(Buffer.alloc(200_000, '\u001b[2J')),
        fc.constantFrom('orders', 'permanent').map((s) => Buffer.from(s)),
      ),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom(...names), value), { maxLength: 40 }), (headers) => {
        const info = read(headers);
        if (info === undefined) return;
        expect(info.topic).toMatch(/^[\w.-]{1,249}$/);
        if (info.partition !== undefined) expect(info.partition).toBeGreaterThanOrEqual(0);
        if (info.offset !== undefined) expect(info.offset).toMatch(/^\d{1,19}$/);
        if (info.timestamp !== undefined) expect(info.timestamp).toSatisfy(Number.isSafeInteger);
        if (info.attempts !== undefined) expect(info.attempts).toBeLessThanOrEqual(1e6);
        expect([undefined, 'permanent', 'exhausted', 'refused']).toContain(info.reason);
        expect(JSON.stringify(info).length).toBeLessThan(500_000);
        expect(info.error.message ?? '').not.toContain('\u001b');
      }),
      { numRuns: 300 },
    );
  });
});
