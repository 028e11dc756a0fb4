import type {
  ClientBinding,
  GroupMember,
  HandOver,
  MemberTransactions,
  OutgoingRecord,
  PartitionOffset,
} from '@velo/engine';
import { partitionKey } from '@velo/engine';
import { originOf } from '../history/origin.js';
import type { Write } from '../history/writer.js';
import { nameOfValue } from '../plan/records.js';
import { isSource } from '../plan/topics.js';

/** The assignment that a process works under at present. */
export interface Turn {
  /** 0 before the first one. */
  current: number;
  /** At its next transaction the process kills itself, so many ms after its beginning. */
  dieInTransaction?: number;
}

/**
 * A client that writes down what the engine learns through it: assignments, commits that were made, sends whose
 * acknowledgement did not come. It changes nothing.
 */
export function recordedBinding(client: ClientBinding, write: Write, turn: Turn): ClientBinding {
  return {
    ...client,
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
      return recordedMember(member, write, turn);
    },
  };
}

/** Named part by part: the adapters' members are classes, whose methods a spread would leave behind. */
function recordedMember(member: GroupMember, write: Write, turn: Turn): GroupMember {
  return {
    pause: (partitions) => member.pause(partitions),
    resume: (partitions) => member.resume(partitions),
    seek: (position) => member.seek(position),
    contact: () => member.contact(),
    stop: () => member.stop(),
    async commit(offsets) {
      const asked = turn.current;
      await member.commit(offsets);
      write({ kind: 'committed', turn: asked, offsets: byPartition(offsets) });
    },
    transactions: member.transactions && recordedTransactions(member.transactions, write, turn),
  };
}

function recordedTransactions(
  transactions: MemberTransactions,
  write: Write,
  turn: Turn,
): MemberTransactions {
  return {
    fence: (partitions) => transactions.fence(partitions),
    async transact(handOvers) {
      const asked = turn.current;
      if (turn.dieInTransaction !== undefined)
        setTimeout(() => process.kill(process.pid, 'SIGKILL'), turn.dieInTransaction);
      const outcomes = await transactions.transact(handOvers);
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
  };
}

/** The origin of a copy; a new record has none yet, but a name. */
function identityOf({ topic, partition, value, headers }: OutgoingRecord): string {
  const name = nameOfValue(value);
  if (isSource(topic)) return name;
  const header = (asked: string) => headers.find(([candidate]) => candidate === asked)?.[1]?.toString();
  return originOf({ topic, partition, offset: '?', name }, header);
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
