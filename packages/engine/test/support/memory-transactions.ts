import type {
  HandOver,
  PartitionOffset,
  TransactionCapabilities,
  TransactionFailure,
  TransactionOutcome,
  TransactionScope,
} from '../../src/binding/binding.js';
import { partitionKey, type TopicPartition } from '../../src/binding/record.js';
import { kafkaError, type MemoryCluster, type MemoryMember, type Stored } from './memory-cluster.js';

/**
 * What becomes of a transaction whose copies are written: `lost` commits, and its answer is lost; `hung` stays open,
 * and its answer is lost; an error aborts it.
 */
export type Fate = 'commit' | 'lost' | 'hung' | Error;

interface Open {
  readonly transaction: NonNullable<Stored['transaction']>;
  readonly handOvers: readonly HandOver[];
}

const INVALID_PRODUCER_EPOCH = 47;
const keyOf = ({ topic, partition }: TopicPartition) => partitionKey(topic, partition);

/** Transactions of a cluster in memory: whoever has fenced a partition last is the only one who can commit for it. */
export class MemoryTransactions {
  readonly capabilities: TransactionCapabilities;
  readonly #cluster: MemoryCluster;
  readonly #owners = new Map<string, MemoryMember>();
  readonly #open = new Map<string, Open>();
  /** Each transaction that was committed, in order, by its source partitions. */
  readonly committed: { readonly offsets: PartitionOffset[]; readonly copies: number }[] = [];
  readonly fenced: TopicPartition[][] = [];
  /** All copies for the same partition of one transaction are under suspicion together. */
  suspectsTogether = false;
  onFence: (member: MemoryMember, partitions: readonly TopicPartition[]) => Promise<void> | void = () => {};
  onTransact: (handOvers: readonly HandOver[]) => Promise<Fate> | Fate = () => 'commit';

  constructor(cluster: MemoryCluster, scope: TransactionScope = 'by-partition') {
    this.#cluster = cluster;
    this.capabilities = { scope, timeout: 10_000, maxPartitions: scope === 'by-partition' ? 5 : undefined };
  }

  async fence(member: MemoryMember, partitions: readonly TopicPartition[]): Promise<void> {
    this.fenced.push([...partitions]);
    await this.onFence(member, partitions);
    for (const partition of partitions) {
      const open = this.#open.get(keyOf(partition));
      if (open !== undefined) this.#abort(open);
      this.#owners.set(keyOf(partition), member);
    }
  }

  async transact(
    member: MemoryMember,
    handOvers: readonly HandOver[],
  ): Promise<readonly TransactionOutcome[]> {
    if (this.capabilities.scope === 'by-partition')
      return Promise.all(handOvers.map(async (one) => (await this.#transact(member, [one]))[0] as never));
    return this.#transact(member, handOvers);
  }

  async #transact(
    member: MemoryMember,
    handOvers: readonly HandOver[],
  ): Promise<readonly TransactionOutcome[]> {
    const all = (failure: TransactionFailure) => handOvers.map(() => failure);
    const isOwner = () => handOvers.every(({ offset }) => this.#owners.get(keyOf(offset)) === member);
    if (!isOwner()) return all(failed(kafkaError(INVALID_PRODUCER_EPOCH)));
    const open: Open = { transaction: { state: 'open' }, handOvers };
    for (const { offset } of handOvers) this.#open.set(keyOf(offset), open);
    for (const handOver of handOvers) {
      for (const [i, copy] of handOver.copies.entries()) {
        const refusal = await this.#cluster.refusal(copy);
        if (open.transaction.state !== 'open') return all(failed(kafkaError(INVALID_PRODUCER_EPOCH)));
        if (refusal !== undefined) {
          this.#abort(open);
          const suspects = this.suspectsTogether ? [...handOver.copies.keys()] : [i];
          return handOvers.map((one) =>
            one === handOver
              ? { committed: false, error: refusal.error, suspects }
              : failed(new Error('another')),
          );
        }
        this.#cluster.append(copy, open.transaction);
      }
    }
    const fate = await this.onTransact(handOvers);
    if (open.transaction.state !== 'open') return all(failed(kafkaError(INVALID_PRODUCER_EPOCH)));
    if (fate === 'hung') return all(failed(new Error('timed out')));
    if (fate instanceof Error) {
      this.#abort(open);
      return all(failed(fate));
    }
    this.#commit(open);
    return fate === 'lost' ? all(failed(new Error('timed out'))) : handOvers.map(() => ({ committed: true }));
  }

  #commit(open: Open): void {
    this.#end(open, 'committed');
    const offsets = open.handOvers.map(({ offset }) => offset);
    const copies = open.handOvers.reduce((sum, one) => sum + one.copies.length, 0);
    this.committed.push({ offsets, copies });
    for (const { topic, partition, offset, metadata = '' } of offsets)
      this.#cluster.committed.set(`${topic} ${partition}`, { offset, metadata });
  }

  #abort(open: Open): void {
    this.#end(open, 'aborted');
  }

  /** With a marker in each log that was written to. */
  #end(open: Open, state: 'committed' | 'aborted'): void {
    open.transaction.state = state;
    for (const { offset } of open.handOvers) this.#open.delete(keyOf(offset));
    const targets = new Map(
      open.handOvers.flatMap(({ copies }) => copies.map((copy) => [keyOf(copy), copy] as const)),
    );
    for (const { topic, partition } of targets.values()) {
      if (this.#cluster.raw(topic, partition).some(({ transaction }) => transaction === open.transaction))
        this.#cluster.produce(topic, partition, { transaction: { state: 'marker' } });
    }
  }
}

function failed(error: unknown): TransactionFailure {
  return { committed: false, error };
}
