import { type Clock, sleep } from '@velo/retry-core';
import type { ClientBinding, GroupMember, PartitionOffset } from '../binding/binding.js';
import { within } from '../binding/deadline.js';
import { type KafkaRecord, partitionKey, partitionOf, type TopicPartition } from '../binding/record.js';

export interface FirstRecordsOptions {
  readonly client: ClientBinding;
  /** One that nobody else is in. */
  readonly groupId: string;
  /** Where to look: the record there, or the next one after it. */
  readonly at: readonly PartitionOffset[];
  /** Passed through to the client's own consumer. */
  readonly clientOptions: object | undefined;
  /** How long to wait for records once the group is joined, ms; what has not come by then is left out. */
  readonly limit: number;
  readonly signal: AbortSignal;
  readonly clock: Clock;
}

/** For leaving the group, ms. */
const LEAVE_LIMIT = 5_000;

/**
 * One record of each partition, as clients read: by joining a group, of its own, in which nothing is committed.
 *
 * @throws what joining fails with
 */
export async function firstRecords(options: FirstRecordsOptions): Promise<readonly KafkaRecord[]> {
  const { client, groupId, at, clientOptions, limit, signal, clock } = options;
  const wanted = new Map(at.map((position) => [partitionKey(position.topic, position.partition), position]));
  const found = new Map<string, KafkaRecord>();
  const done = new AbortController();
  const end = (key: string, record?: KafkaRecord) => {
    if (!wanted.delete(key)) return;
    if (record !== undefined) found.set(key, record);
    if (wanted.size === 0) done.abort();
  };
  let joining: Promise<GroupMember> | undefined;
  const direct = (member: GroupMember, partitions: readonly TopicPartition[]) => {
    for (const partition of partitions.map(partitionOf)) {
      const position = wanted.get(partitionKey(partition.topic, partition.partition));
      if (position === undefined) member.pause([partition]);
      else {
        member.seek(position);
        member.resume([partition]);
      }
    }
  };
  joining = Promise.resolve().then(() =>
    client.join(
      {
        groupId,
        topics: [...new Set(at.map(({ topic }) => topic))],
        tellsEnds: true,
        client: clientOptions,
      },
      {
        assignment: (partitions) => {
          joining?.then((member) => direct(member, partitions)).catch(() => {});
        },
        lost: () => {},
        revoking: async () => {},
        records: (topic, partition, records) => {
          const key = partitionKey(topic, partition);
          const position = wanted.get(key);
          const first = position && records.find(({ offset }) => Number(offset) >= position.offset);
          if (first === undefined) return;
          end(key, first);
          joining?.then((member) => member.pause([{ topic, partition }])).catch(() => {});
        },
        reached: ({ topic, partition }, next) => {
          const position = wanted.get(partitionKey(topic, partition));
          if (position !== undefined && next > position.offset) end(partitionKey(topic, partition));
        },
        outOfRange: ({ topic, partition }) => end(partitionKey(topic, partition)),
        crashed: () => done.abort(),
      },
    ),
  );
  const stop = () => done.abort();
  signal.addEventListener('abort', stop, { once: true });
  const member = await joining;
  try {
    await sleep(limit, done.signal, clock).catch(() => {});
  } finally {
    signal.removeEventListener('abort', stop);
    await within(LEAVE_LIMIT, member.stop(), clock);
  }
  return [...found.values()];
}
