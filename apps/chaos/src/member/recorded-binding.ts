import type { ClientBinding, HandOver, OutgoingRecord, PartitionOffset } from '@velo/retry-core/engine';
import { partitionKey } from '@velo/retry-core/engine';
import type { Write } from '../history/writer.js';

/** The assignment that a process works under at present. */
export interface Turn {
  /** 0 before the first one. */
  current: number;
  /** At its next transaction the process kills itself, at some moment from its beginning on. */
  dieInTransaction?: boolean;
}

/** Longer than most transactions take, ms. */
const MOMENT = 30;

/**
 * A client that writes down what the engine learns through it: assignments, commits that were made, sends whose
 * acknowledgement did not come. It changes nothing.
 */
export function recordedBinding(client: ClientBinding, write: Write, turn: Turn): ClientBinding {
  return {
    capabilities: client.capabilities,
    partitionCount: (topic) => client.partitionCount(topic),
    createTopics: (topics) => client.createTopics(topics),
    createPartitions: (topic, count) => client.createPartitions(topic, count),
    offsets: (partitions) => client.offsets(partitions),
    committed: (groupId, partitions) => client.committed(groupId, partitions),
    close: () => client.close(),
    async publish(records) {
      const outcomes = await client.publish(records);
      outcomes.forEach((outcome, i) => {
        if (outcome.written) return;
        const record = records[i] as OutgoingRecord;
        const error = describe(outcome.error);
        write({ kind: 'unacknowledged', topic: record.topic, record: identityOf(record), error });
      });
      return outcomes;
    },
    async join(membership, sink) {
      const member = await client.join(membership, {
        ...sink,
        assignment(partitions) {
          turn.current++;
          const keys = partitions.map(({ topic, partition }) => partitionKey(topic, partition));
          write({ kind: 'assigned', turn: turn.current, partitions: keys });
          sink.assignment(partitions);
        },
      });
      const { fence, transact } = member;
      return {
        ...(fence && { fence: (partitions) => fence.call(member, partitions) }),
        ...(transact && {
          async transact(handOvers) {
            const asked = turn.current;
            if (turn.dieInTransaction)
              setTimeout(() => process.kill(process.pid, 'SIGKILL'), Math.random() * MOMENT);
            const outcomes = await transact.call(member, handOvers);
            const committed = handOvers.filter((_, i) => outcomes[i]?.committed);
            if (committed.length > 0) {
              const offsets = byPartition(committed.map(({ offset }) => offset));
              write({ kind: 'committed', turn: asked, offsets });
            }
            outcomes.forEach((outcome, i) => {
              if (outcome.committed) return;
              const { offset } = handOvers[i] as HandOver;
              const text = `transaction of ${offset.topic} ${offset.partition} failed: ${describe(outcome.error)}`;
              write({ kind: 'note', text });
            });
            return outcomes;
          },
        }),
        pause: (partitions) => member.pause(partitions),
        resume: (partitions) => member.resume(partitions),
        seek: (position) => member.seek(position),
        stop: () => member.stop(),
        async commit(offsets) {
          const asked = turn.current;
          await member.commit(offsets);
          write({ kind: 'committed', turn: asked, offsets: byPartition(offsets) });
        },
      };
    },
  };
}

/** Where the record of a copy stands in the source; a new record has none yet, but a key. */
function identityOf({ key, headers }: OutgoingRecord): string {
  const header = (name: string) => headers.find(([candidate]) => candidate === name)?.[1]?.toString();
  const offset = header('velo-original-offset');
  return offset === undefined ? String(key) : `${header('velo-original-partition')} ${offset}`;
}

function byPartition(offsets: readonly PartitionOffset[]): Record<string, number> {
  return Object.fromEntries(
    offsets.map(({ topic, partition, offset }) => [partitionKey(topic, partition), offset]),
  );
}

/** The innermost cause in a few words. */
export function describe(error: unknown): string {
  let innermost = error;
  while (innermost instanceof Error && innermost.cause instanceof Error) innermost = innermost.cause;
  return String(innermost instanceof Error ? `${innermost.name}: ${innermost.message}` : innermost).slice(
    0,
    200,
  );
}
