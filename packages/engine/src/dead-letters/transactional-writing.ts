import { type Clock, VeloError } from '@velo/retry-core';
import type {
  ClientBinding,
  GroupMember,
  HandOver,
  OutgoingRecord,
  TransactionOutcome,
} from '../binding/binding.js';
import { notFenced } from '../binding/client-errors.js';
import { encodeHeaders } from '../binding/header-codec.js';
import { partitionKey, type TopicPartition } from '../binding/record.js';
import type { OperationWatch } from '../observing/operation-watch.js';
import { tooLarge } from '../sending/request-size.js';
import { UnansweredSends } from '../sending/unanswered-sends.js';
import type { Share, ShareEnd, Writing } from './writing.js';

export interface TransactionalWritingOptions {
  readonly client: ClientBinding;
  /** Of the group whose members share the work. */
  readonly groupId: string;
  readonly member: () => GroupMember | undefined;
  readonly operations: OperationWatch | undefined;
  readonly clock: Clock;
}

/** Copies and entries in one transaction of the member, or in one for each partition. */
export class TransactionalWriting implements Writing {
  readonly #options: TransactionalWritingOptions;
  readonly #unanswered: UnansweredSends;
  /** Partitions that a producer of this member's was made for. */
  readonly #fenced = new WeakMap<GroupMember, Set<string>>();

  constructor(options: TransactionalWritingOptions) {
    this.#options = options;
    this.#unanswered = new UnansweredSends(options.client, options.clock);
  }

  async secure(partitions: readonly TopicPartition[]): Promise<void> {
    const { client, groupId, member } = this.#options;
    const present = member();
    if (present?.transactions === undefined) throw notFenced();
    const { transactions } = present;
    this.#count(present, partitions);
    if (client.capabilities.transactions?.scope === 'by-partition')
      await Promise.all(partitions.map((partition) => transactions.fence([partition])));
    else await transactions.fence(partitions);
    // Waits for transactions that may still be committed.
    await client.committed(groupId, partitions);
  }

  /** @throws {VeloError} `VELO_NOT_SUPPORTED` for more partitions than the member can have transactions for */
  #count(member: GroupMember, partitions: readonly TopicPartition[]): void {
    const max = this.#options.client.capabilities.transactions?.maxPartitions;
    if (max === undefined) return;
    const fenced = this.#fenced.get(member) ?? new Set<string>();
    for (const { topic, partition } of partitions) fenced.add(partitionKey(topic, partition));
    this.#fenced.set(member, fenced);
    if (fenced.size <= max) return;
    throw new VeloError(
      'VELO_NOT_SUPPORTED',
      `There are dead letters to be worked on in more than ${max} partitions, and a transaction of each needs a producer of its own with this client: ${max} is the most for one process. What was done before stays so, and the rest is open. Name fewer 'topics' at once, run it in several processes at a time, set handOff to 'at-least-once', or take a client whose transactions are by member.`,
    );
  }

  async write(shares: readonly Share[]): Promise<readonly ShareEnd[]> {
    const { client, member } = this.#options;
    const ends = new Map<Share, ShareEnd>();
    for (const share of shares) {
      const suspects = [...share.jobs.keys()].filter((i) => this.#tooLarge(share, i) !== undefined);
      if (suspects.length > 0)
        ends.set(share, { error: this.#tooLarge(share, suspects[0] as number), suspects });
    }
    const going = shares.filter((share) => !ends.has(share));
    const transactions = member()?.transactions;
    const outcomes =
      going.length === 0 || transactions === undefined
        ? []
        : await this.#transact(
            transactions,
            going.map((share) => this.#handOver(share, client)),
          );
    for (const [i, share] of going.entries()) {
      const outcome = outcomes[i] ?? { committed: false, error: notFenced() };
      if (outcome.committed) ends.set(share, { ends: share.jobs.map(() => ({ written: true })) });
      else ends.set(share, await this.#failed(share, outcome.error, outcome.suspects ?? []));
    }
    return shares.map((share) => ends.get(share) as ShareEnd);
  }

  close(): void {}

  #transact(
    transactions: NonNullable<GroupMember['transactions']>,
    handOvers: readonly HandOver[],
  ): Promise<readonly TransactionOutcome[]> {
    const transact = () => transactions.transact(handOvers);
    return this.#options.operations?.transact(handOvers, transact) ?? transact();
  }

  #tooLarge({ jobs }: Share, job: number): Error | undefined {
    const copy = jobs[job]?.copy;
    return copy && tooLarge(copy, this.#options.client.capabilities);
  }

  #handOver({ partition, commit, jobs }: Share, { capabilities }: ClientBinding): HandOver {
    const copies = recordsOf(jobs).map((record) => ({
      ...record,
      headers: encodeHeaders(record.headers, capabilities),
    }));
    return { offset: { ...partition, offset: commit }, copies };
  }

  async #failed({ jobs }: Share, error: unknown, suspects: readonly number[]): Promise<ShareEnd> {
    const copied = jobs.filter(({ copy }) => copy !== undefined);
    // Those beyond the copies are entries, which are never at fault.
    const jobsAtFault = suspects.flatMap((i) => copied[i] ?? []);
    const [only] = jobsAtFault;
    const judged =
      jobsAtFault.length === 1 && only?.copy ? await this.#unanswered.judge(only.copy, error) : error;
    return { error: judged, suspects: jobsAtFault.map((job) => jobs.indexOf(job)) };
  }
}

/** The copies, then the entries. */
function recordsOf(jobs: Share['jobs']): OutgoingRecord[] {
  return [...jobs.flatMap(({ copy }) => copy ?? []), ...jobs.map((job) => job.entry({ written: true }))];
}
