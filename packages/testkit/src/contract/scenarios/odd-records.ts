// One file, since it is one group of scenarios: a list that is read from its top.
import type { KafkaHeaders, KafkaRecord } from '@velo/engine';
import { PermanentError } from '@velo/retry-core';
import { expect } from 'vitest';
import type { ExactHeader } from '../../support/exact-headers.js';
import { HOSTILE_TEXTS } from '../../support/hostile-texts.js';
import { sleep, until } from '../../support/until.js';
import { textOf } from '../harness/world.js';
import type { ScenarioGroup } from '../scenario.js';

const hex = (bytes: Buffer | null | undefined) => (bytes === null ? null : bytes?.toString('hex'));

/** A record's headers as text, for comparison; by name where a client does not keep the order across names. */
function headersOf(
  { headers }: Pick<KafkaRecord, 'headers'>,
  ordered: boolean,
): (string | null | undefined)[][] {
  const list = [...headers]
    .filter(([name]) => !name.startsWith('velo-'))
    .map(([name, value]) => [name, hex(value)]);
  // Sorting is stable: the order within a name stays.
  return ordered ? list : list.sort(([a], [b]) => ((a as string) < (b as string) ? -1 : a === b ? 0 : 1));
}

const asHeaders = (headers: readonly ExactHeader[]): Pick<KafkaRecord, 'headers'> => {
  const entries = headers.map(
    ([name, value]) => [name, typeof value === 'string' ? Buffer.from(value) : value] as const,
  );
  return {
    headers: { [Symbol.iterator]: () => entries[Symbol.iterator](), get: () => undefined, all: () => [] },
  };
};

const EMPTY = Buffer.alloc(0);
/** Of a text, in characters: longer ones go alone. */
const LONG = 2_000;

export const oddRecords: ScenarioGroup = {
  name: 'odd records',
  scenarios: [
    {
      name: 'tombstones, null keys, empty keys and values reach handlers, tiers and dead letters as they are',
      everyVersion: true,
      run: async (world) => {
        const topic = await world.topic();
        const odd = [
          { key: 'tombstone', value: null },
          { key: null, value: 'no key' },
          { key: EMPTY, value: 'empty key' },
          { key: 'empty value', value: EMPTY },
          { key: null, value: null },
          { key: EMPTY, value: EMPTY },
          { key: Buffer.from([0]), value: Buffer.from([255, 0]) },
        ];
        await world.write(topic, ...odd);
        const member = await world.joined({
          topics: [topic],
          retry: { inPlace: { maxAttempts: 1 }, tiers: [100] },
          handler: (_, { tier }) => {
            throw tier === 0 ? new Error('later') : new PermanentError('never');
          },
        });
        await member.untilTold('deadLetter', odd.length);
        const bytes = (one: Buffer | string | null) => (typeof one === 'string' ? Buffer.from(one) : one);
        const expected = odd.map(({ key, value }) => [hex(bytes(key)), hex(bytes(value))]);
        for (const tier of [0, 1]) {
          const tried = member.attempts.filter(({ context }) => context.tier === tier);
          expect(tried.map(({ record: { key, value } }) => [hex(key), hex(value)])).toEqual(expected);
        }
        const letters = await world.observer.read(world.ownTopic(topic, 'dlt'));
        expect(letters.map(({ key, value }) => [hex(key), hex(value)])).toEqual(expected);
      },
    },
    {
      name: 'texts that programs stumble over go through a tier to the dead letters as keys, values and headers, byte for byte',
      run: async (world) => {
        const topic = await world.topic();
        // Some are as long as a request may be.
        const [long, short] = [true, false].map((isLong) =>
          HOSTILE_TEXTS.filter((text) => text.length > LONG === isLong),
        ) as [string[], string[]];
        for (const texts of [short, ...long.map((text) => [text])])
          await world.write(
            topic,
            ...texts.map((text) => ({
              key: text,
              value: text,
              headers: [['text', text]] as ExactHeader[],
            })),
          );
        const expected = [...short, ...long].map((text) => hex(Buffer.from(text)));
        expect(expected.length).toBeGreaterThan(700);
        const member = await world.joined({
          topics: [topic],
          retry: { inPlace: { maxAttempts: 1 }, tiers: [100] },
          // All of them become dead letters here.
          flow: { guard: false },
          handler: (record, { tier }) => {
            throw tier === 0 ? new Error(textOf(record) ?? '') : new PermanentError(textOf(record) ?? '');
          },
        });
        await member.until(
          'all are dead letters',
          () => member.told('deadLetter').length === expected.length,
        );
        const tried = member.attempts.filter(({ context }) => context.tier === 1).map(({ record }) => record);
        expect(tried.map(({ key }) => hex(key))).toEqual(expected);
        expect(tried.map(({ headers }) => hex(headers.get('text')))).toEqual(expected);
        const letters = await world.observer.read(world.ownTopic(topic, 'dlt'));
        expect(letters.map(({ key, value }) => [hex(key), hex(value)])).toEqual(
          expected.map((text) => [text, text]),
        );
      },
    },
    {
      name: 'headers: one of 900 kB that is no text goes through a tier as it is',
      run: async (world) => {
        const topic = await world.topic();
        const large = Buffer.alloc(900_000, 0xfe);
        await world.write(topic, { value: 'a', headers: [['large', large]] });
        const member = await world.joined({
          topics: [topic],
          retry: { inPlace: { maxAttempts: 1 }, tiers: [100] },
          handler: (_, { tier }) => {
            if (tier === 0) throw new Error('later');
          },
        });
        await member.untilHandled('a');
        expect(member.attempts.map(({ record }) => record.headers.get('large')?.equals(large))).toEqual([
          true,
          true,
        ]);
      },
    },
    {
      name: 'headers: duplicates, nulls, empty and binary values reach handlers, and go through a tier',
      everyVersion: true,
      run: async (world) => {
        const { headerOrder, readsNullHeaders, readsBinaryHeaders } = world.adapter.capabilities;
        const topic = await world.topic();
        const headers: ExactHeader[] = [
          ['a', '1'],
          ['b', ''],
          ['a', '2'],
          ['c', 'ünï'],
        ];
        if (readsNullHeaders) headers.push(['a', null], ['d', null]);
        if (readsBinaryHeaders) headers.push(['bin', Buffer.from([0, 255, 1, 0])]);
        await world.write(topic, { value: 'x', headers });
        const member = await world.joined({
          topics: [topic],
          retry: { inPlace: { maxAttempts: 1 }, tiers: [100] },
          handler: (_, { tier }) => {
            if (tier === 0) throw new Error('later');
          },
        });
        await member.untilHandled('x');
        const expected = headersOf(asHeaders(headers), headerOrder);
        for (const { record } of member.attempts) expect(headersOf(record, headerOrder)).toEqual(expected);
        const [first] = member.attempts;
        const got = first?.record.headers as KafkaHeaders;
        expect(hex(got.get('a'))).toBe(readsNullHeaders ? null : hex(Buffer.from('2')));
        expect(got.all('a')).toHaveLength(readsNullHeaders ? 3 : 2);
        expect(got.get('missing')).toBeUndefined();
      },
    },
    {
      name: 'headers: what velo’s producer writes, velo’s consumer reads, nulls, bytes and NULs in names included',
      run: async (world) => {
        const topic = await world.topic();
        const headers: ExactHeader[] = [
          ['text', 'ünï'],
          ['null', null],
          ['bin', Buffer.from([0, 255, 1, 0])],
          ['empty', EMPTY],
          ['twice', 'a'],
          ['twice', null],
          ['twice', 'c'],
          ['na\0me', 'text'],
          ['na', 'another'],
        ];
        await world
          .velo()
          .producer()
          .send({ topic, messages: [{ value: 'x', headers }] });
        const member = await world.joined({
          topics: [topic],
          retry: { inPlace: { maxAttempts: 1 }, tiers: [100] },
          handler: (_, { tier }) => {
            if (tier === 0) throw new Error('later');
          },
        });
        await member.untilHandled('x');
        const expected = headersOf(asHeaders(headers), world.adapter.capabilities.headerOrder);
        for (const { record } of member.attempts) {
          expect(headersOf(record, world.adapter.capabilities.headerOrder)).toEqual(expected);
        }
      },
    },
    {
      // Bare kafkajs takes a minute for each look at such a record, and the group expels its member meanwhile.
      name: 'a record of 14,000 header names goes through a tier to the dead letters with all of them, in order',
      run: async (world) => {
        const topic = await world.topic(2);
        const headers = Array.from({ length: 14_000 }, (_, i): ExactHeader => [`h${i}`, '']);
        await world.write(topic, { value: 'many', headers }, { value: 'other', partition: 1 });
        const member = await world.joined({
          topics: [topic],
          retry: { inPlace: { maxAttempts: 1 }, tiers: [100] },
          handler: (record, { tier }) => {
            if (textOf(record) === 'many')
              throw tier === 0 ? new Error('later') : new PermanentError('never');
          },
        });
        await member.untilHandled('other');
        await member.untilTold('deadLetter');
        const reader = await world.joined({
          topics: [world.ownTopic(topic, 'dlt')],
          groupId: `${world.groupId}-letters`,
        });
        await reader.untilHandled('many');
        const names = headers.map(([name]) => name);
        for (const { record } of [
          ...member.attempts.filter(({ text }) => text === 'many'),
          ...reader.attempts,
        ])
          expect(headersOf(record, true).map(([name]) => name)).toEqual(names);
      },
    },
    {
      name: 'broken retry headers on a tier count as a first attempt, and never wait longer than the tier',
      run: async (world) => {
        const topic = await world.topic();
        const tier = world.ownTopic(topic, 'retry-400ms');
        await world.observer.createTopic(tier, 1);
        const own = (headers: readonly ExactHeader[]) => [['velo-group', world.groupId] as const, ...headers];
        await world.write(
          tier,
          {
            value: 'digits',
            headers: own([
              ['velo-due', '9'.repeat(400)],
              ['velo-attempt', '-7e99'],
            ]),
          },
          {
            value: 'bytes',
            headers: own([
              ['velo-due', Buffer.from([0, 255])],
              ['velo-attempt', Buffer.from([1, 2])],
            ]),
          },
          {
            value: 'stranger',
            headers: [
              ['velo-group', 'other'],
              ['velo-due', '9007199254740991'],
              ['velo-attempt', '99'],
            ],
          },
          {
            value: 'future',
            headers: own([
              ['velo-due', '9007199254740991'],
              ['velo-attempt', '4'],
            ]),
          },
          {
            value: 'carrier',
            headers: own([
              ['velo-headers', '[[-1,"x",7]'],
              ['velo-headers', '{"a":'],
            ]),
          },
        );
        const begin = Date.now();
        const member = await world.joined({ topics: [topic], retry: { tiers: [400] } });
        await member.untilHandled('digits', 'bytes', 'stranger', 'future', 'carrier');
        expect(member.attempts.map(({ context }) => context.totalAttempts)).toEqual([1, 1, 1, 5, 1]);
        expect(Date.now() - begin).toBeLessThan(10_000);
      },
    },
    {
      name: 'forged due times in a tier wait side by side: a record behind eight of them is late by one wait at most',
      run: async (world) => {
        const topic = await world.topic();
        const wait = 1_000;
        const tier = world.ownTopic(topic, 'retry-1s');
        await world.observer.createTopic(tier, 1);
        const forged = {
          value: 'forged',
          headers: [
            ['velo-group', world.groupId],
            ['velo-due', '9007199254740991'],
          ],
        } as const;
        let copied = 0;
        const member = world.member({
          topics: [topic],
          retry: { inPlace: { maxAttempts: 1 }, tiers: [wait] },
          handler: (record, { tier: number }) => {
            if (textOf(record) !== 'good' || number > 0) return;
            copied = performance.now();
            throw new Error('busy');
          },
        });
        await member.consumer.start();
        await world.write(tier, ...Array.from({ length: 8 }, () => forged));
        await world.write(topic, 'good');
        await member.untilHandled('good');
        expect(performance.now() - copied).toBeLessThan(4 * wait);
        expect(member.handled.filter((text) => text === 'forged')).toHaveLength(8);
      },
    },
    {
      name: 'gaps that compaction leaves hold no offset up',
      on: 'kafka',
      limit: 60_000,
      run: async (world) => {
        const topic = await world.topic(1, {
          'cleanup.policy': 'compact',
          'segment.ms': '50',
          'min.cleanable.dirty.ratio': '0.01',
          'min.compaction.lag.ms': '0',
        });
        for (let i = 0; i < 20; i++) await world.write(topic, { key: `k${i % 2}`, value: `v${i}` });
        const compacted = async () => {
          // A write after `segment.ms` rolls the segment: the last one is never compacted.
          await sleep(60);
          await world.write(topic, { key: 'roll', value: 'roll' });
          const texts = (await world.observer.read(topic)).map(({ text }) => text);
          return !texts.includes('v3') && texts.includes('v18') && texts.includes('v19');
        };
        await until('the log is compacted', compacted, { limit: 30_000 });
        const member = await world.joined({ topics: [topic] });
        const { high } = await world.observer.range(topic);
        await world.untilCommitted(topic, high);
        expect(member.tried).not.toContain('v3');
        expect(member.tried).toContain('v19');
        expect(member.told('offsetOutOfRange')).toEqual([]);
      },
    },
    {
      name: 'gaps that transactions leave hold no offset up; what was aborted is not handled',
      everyVersion: true,
      on: 'kafka',
      run: async (world) => {
        const topic = await world.topic();
        const producer = world.observer.kafka.producer({
          transactionalId: topic,
          idempotent: true,
          maxInFlightRequests: 1,
          retry: { initialRetryTime: 10, maxRetryTime: 50, retries: 50 },
        });
        await producer.connect();
        const transact = async (end: 'commit' | 'abort', ...values: string[]) => {
          const transaction = await producer.transaction();
          await transaction.send({ topic, messages: values.map((value) => ({ value, partition: 0 })) });
          await transaction[end]();
        };
        await transact('commit', 'a', 'b');
        await transact('abort', 'no', 'no');
        await transact('commit', 'c');
        await transact('abort', 'no');
        await producer.disconnect();
        const member = await world.joined({ topics: [topic] });
        await member.untilHandled('a', 'b', 'c');
        await world.write(topic, 'd');
        await member.untilHandled('d');
        await world.untilCommitted(topic, (await world.observer.range(topic)).high);
        expect(member.tried).toEqual(['a', 'b', 'c', 'd']);
        expect(member.told('offsetOutOfRange')).toEqual([]);
      },
    },
    {
      name: 'a record at the brokers’ default size limit is handled, and never lost when it fails',
      on: 'kafka',
      run: async (world) => {
        const topic = await world.topic();
        // 1,048,588 is the default of max.message.bytes, of the batch: some 80 bytes are its own.
        const size = 1_048_588 - 100;
        await world.write(topic, { value: Buffer.alloc(size, 'x') });
        const member = world.member({
          topics: [topic],
          handler: () => {
            throw new PermanentError('never');
          },
        });
        await member.consumer.start().catch(() => {});
        // The copy is larger than its source by velo's headers: written, or the consumer has stopped before it.
        await member.until(
          'an end',
          () => member.told('deadLetter').length + member.told('stopped').length > 0,
        );
        expect(member.attempts[0]?.record.value?.length).toBe(size);
        const letters = await world.observer.read(world.ownTopic(topic, 'dlt'));
        if (letters.length === 0) {
          expect(await world.committed(topic)).toBe(0);
          expect(member.consumer.health()).toMatchObject({
            state: 'dead',
            error: { code: 'VELO_PUBLISH_REFUSED' },
          });
        } else expect(letters[0]?.value?.length).toBe(size);
      },
    },
    {
      name: 'a hundred records in one fetch keep their order, partition by partition',
      run: async (world) => {
        const topic = await world.topic(3);
        const values = Array.from({ length: 100 }, (_, i) => ({ value: String(i), partition: i % 3 }));
        await world.write(topic, ...values);
        const member = await world.joined({ topics: [topic], handler: () => Promise.resolve() });
        await member.until('all are handled', () => member.handled.length === 100);
        for (const partition of [0, 1, 2]) {
          const seen = member.attempts.filter(({ record }) => record.partition === partition);
          expect(seen.map(({ record }) => Number(textOf(record)))).toEqual(
            values.filter((one) => one.partition === partition).map(({ value }) => Number(value)),
          );
        }
      },
    },
  ],
};
