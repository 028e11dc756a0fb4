import { describe, expect } from 'vitest';
import { INVALID_RECORD, MESSAGE_TOO_LARGE } from '../../support/broker-codes.js';
import { uniqueName } from '../../support/names.js';
import { bindingTest } from '../binding-test.js';
import type { BindingUnderTest } from '../binding-under-test.js';
import { categories, codes, written } from '../outcomes.js';
import { publishEach } from '../publish-each.js';
import { record } from '../record.js';

export function publishing(binding: BindingUnderTest): void {
  const it = bindingTest(binding, 2);

  describe('publish', () => {
    it('writes each batch to its partition, in order, and tells each offset', async ({
      client,
      newTopic,
      latest,
    }) => {
      const topic = newTopic(3);
      const batches = await Promise.all([
        client.publish(['a', 'c', 'd'].map((value) => record(topic, 2, value))),
        client.publish([record(topic, 0, 'b')]),
      ]);
      expect(batches.flat()).toEqual(['0', '1', '2', '0'].map((offset) => ({ written: true, offset })));
      expect(await latest(topic, 3)).toEqual([1, 0, 3]);
      expect(await client.publish([])).toEqual([]);
    });

    it('carries keys, tombstones, empty values, timestamps, and headers with repeated and odd names', async ({
      client,
      newTopic,
      readAll,
    }) => {
      const topic = newTopic(1);
      const bytes = client.capabilities.binaryHeaders ? Buffer.from([0, 0xff, 0x80, 0x0a]) : Buffer.from('ä');
      const headers = [
        ['a', bytes],
        ['b', 'text'],
        ['a', ''],
        ['__proto__', 'p'],
        ['constructor', 'c'],
      ] as const;
      const key = Buffer.from([0, 0xff]);
      await client.publish([
        record(topic, 0, null, { key }),
        record(topic, 0, '', { key: 'text', timestamp: 1_000, headers }),
      ]);
      const [tombstone, empty] = (await readAll(topic, 2)).all;
      expect(tombstone).toMatchObject({ topic, partition: 0, offset: '0', key, value: null });
      expect([...(tombstone?.headers ?? [])]).toEqual([]);
      expect(empty).toMatchObject({
        offset: '1',
        timestamp: 1_000,
        key: Buffer.from('text'),
        value: Buffer.alloc(0),
      });
      expect(empty?.headers.all('a')).toEqual([bytes, Buffer.alloc(0)]);
      expect(empty?.headers.get('b')).toEqual(Buffer.from('text'));
      expect(empty?.headers.all('__proto__')).toEqual([Buffer.from('p')]);
      expect(empty?.headers.all('constructor')).toEqual([Buffer.from('c')]);
      expect(empty?.headers.get('toString')).toBeUndefined();
      const names = [...(empty?.headers ?? [])].map(([name]) => name);
      const sent = headers.map(([name]) => name);
      expect(binding.headerOrder ? names : names.sort()).toEqual(binding.headerOrder ? sent : sent.sort());
    });

    it('refuses a null header, where it can carry none, and writes what comes after it', async ({
      client,
      newTopic,
      latest,
    }) => {
      const topic = newTopic(1);
      const sent = [
        await client.publish([record(topic, 0, 'a', { headers: [['h', null]] })]),
        await client.publish([record(topic, 0, 'b')]),
      ];
      const { nullHeaders } = client.capabilities;
      expect(codes(sent.flat())).toEqual([nullHeaders ? 0 : INVALID_RECORD, 0]);
      expect(await latest(topic, 1)).toEqual([nullHeaders ? 2 : 1]);
    });

    it('refuses a partition that the topic does not have, alone', async ({ client, newTopic }) => {
      const topic = newTopic(1);
      expect(codes(await client.publish([record(topic, 0, 'a')]))).toEqual([0]);
      const outcomes = await publishEach(client, [record(topic, 0, 'a'), record(topic, 3, 'b')]);
      expect(categories(outcomes)).toEqual([undefined, 'TopicMissing']);
    });

    it('refuses records of a missing topic soon, and writes them when it is there', async ({
      broker,
      client,
    }) => {
      const topic = uniqueName('topic');
      const begin = performance.now();
      expect(categories(await client.publish([record(topic, 0, 'a')]))).toEqual(['TopicMissing']);
      expect(performance.now() - begin).toBeLessThan(4_000);
      broker.createTopic(topic, { partitions: 1 });
      expect(await client.partitionCount(topic)).toBe(1);
      expect(codes(await client.publish([record(topic, 0, 'a')]))).toEqual([0]);
    });

    it('loses and doubles nothing when a leader moves', async ({ broker, client, newTopic, latest }) => {
      const topic = newTopic(2);
      const records = [record(topic, 0, 'a'), record(topic, 1, 'b')];
      await publishEach(client, records);
      broker.setLeader(topic, 1, 1);
      const moved = await publishEach(client, records);
      const refused = records.filter((_, i) => !written(moved[i]));
      expect(codes(await publishEach(client, refused))).toEqual(refused.map(() => 0));
      expect(await latest(topic, 2)).toEqual([2, 2]);
    });

    it('refuses a whole batch that a broker rejects for one of its records, and the code says so', async ({
      broker,
      client,
      newTopic,
      latest,
    }) => {
      const topic = newTopic(1);
      await client.publish([record(topic, 0, 'first')]);
      broker.pushErrors('Produce', [MESSAGE_TOO_LARGE]);
      const outcomes = await client.publish(['a', 'b'].map((value) => record(topic, 0, value)));
      expect(codes(outcomes)).toEqual([MESSAGE_TOO_LARGE, MESSAGE_TOO_LARGE]);
      expect(await latest(topic, 1)).toEqual([1]);
    });

    it('writes a record in gzip, where it can, and what comes after it', async ({
      client,
      newTopic,
      readAll,
    }) => {
      const topic = newTopic(1);
      if (!client.capabilities.gzip) return;
      const large = 'x'.repeat(5_000_000);
      const headers = [['n', 'text']] as const;
      const first = await client.publish([record(topic, 0, large, { key: 'k', headers, gzip: true })]);
      const second = await client.publish([record(topic, 0, 'after')]);
      expect([...first, ...second]).toEqual(['0', '1'].map((offset) => ({ written: true, offset })));
      const [packed, after] = (await readAll(topic, 2)).all;
      expect(packed?.value?.equals(Buffer.from(large))).toBe(true);
      expect(packed?.key?.toString()).toBe('k');
      expect(packed?.headers.get('n')?.toString()).toBe('text');
      expect(after?.value?.toString()).toBe('after');
    });

    it('never rejects, and writes again after all brokers were away', async ({
      broker,
      client,
      newTopic,
    }) => {
      const topic = newTopic(2);
      await client.publish([record(topic, 0, 'a')]);
      broker.brokerDown(1);
      broker.brokerDown(2);
      const records = [0, 1].map((partition) => record(topic, partition, 'b'));
      expect(categories(await publishEach(client, records))).toEqual(['NetworkIssue', 'NetworkIssue']);
      broker.brokerUp(1);
      broker.brokerUp(2);
      expect(codes(await publishEach(client, records))).toEqual([0, 0]);
    });

    it('tells of what is under way when the client is closed, and refuses the rest', async ({
      broker,
      client,
      newTopic,
    }) => {
      const topic = newTopic(1);
      await client.publish([record(topic, 0, 'a')]);
      broker.brokerDown(1);
      broker.brokerDown(2);
      const publishing = client.publish([record(topic, 0, 'b')]);
      await client.close();
      expect(codes(await publishing)).not.toEqual([0]);
      expect(codes(await client.publish([record(topic, 0, 'c')]))).toEqual(['VELO_CLOSED']);
    });
  });
}
