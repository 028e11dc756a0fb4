import {
  type Contact,
  type GroupMember,
  type MemberSink,
  notCommitted,
  type PartitionOffset,
  type TopicPartition,
} from '@velo/engine';
import type { BrokerContact } from '../connection/broker-contact.js';
import type { Cluster } from '../connection/cluster.js';
import type { Fetcher } from '../fetching/fetcher.js';
import type { Transactions } from '../sending/transactions.js';
import { commitOffsets } from './commit-offsets.js';
import type { Session, SessionEvents } from './session.js';

export interface MemberParts {
  readonly groupId: string;
  readonly session: Session;
  readonly fetcher: Fetcher;
  readonly transactions: Transactions;
  readonly contact: BrokerContact;
  /** For commits, which wait for nothing else. */
  readonly commits: Cluster;
  /** All connections of the member. */
  readonly clusters: readonly Cluster[];
}

/** One life of a member: its place in the group, what it fetches, its commits and transactions. */
export class Member implements GroupMember, SessionEvents {
  readonly #parts: MemberParts;
  readonly #sink: MemberSink;
  readonly #pending = new Set<Promise<void>>();
  #owned: readonly TopicPartition[] = [];
  #ended = false;
  #stopping: Promise<void> | undefined;
  /** Told once it has left. */
  onStopped: () => void = () => {};

  constructor(sink: MemberSink, create: (member: Member) => MemberParts) {
    this.#sink = sink;
    this.#parts = create(this);
  }

  get transactions(): Transactions {
    return this.#parts.transactions;
  }

  join(): Promise<void> {
    return this.#parts.session.join();
  }

  pause(partitions: readonly TopicPartition[]): void {
    this.#parts.fetcher.pause(partitions);
  }

  resume(partitions: readonly TopicPartition[]): void {
    this.#parts.fetcher.resume(partitions);
  }

  seek(position: PartitionOffset): void {
    this.#parts.fetcher.seek(position);
  }

  commit(offsets: readonly PartitionOffset[]): Promise<void> {
    if (offsets.length === 0) return Promise.resolve();
    if (this.#ended) return Promise.reject(notCommitted('the member has left its group'));
    const { commits, groupId, session } = this.#parts;
    const commit = commitOffsets(commits, groupId, session.generation, offsets);
    this.#pending.add(commit);
    const forget = () => void this.#pending.delete(commit);
    commit.then(forget, forget);
    return commit;
  }

  contact(): Contact {
    return this.#parts.contact.facts;
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop().finally(() => this.onStopped());
    return this.#stopping;
  }

  assigned(partitions: readonly TopicPartition[]): void {
    if (this.#ended) return;
    this.#owned = partitions;
    this.transactions.owns(partitions, this.#parts.session.generation);
    this.#parts.fetcher.assign(partitions);
    this.#sink.assignment(partitions);
  }

  revoking(): Promise<void> {
    return this.#ended ? Promise.resolve() : this.#sink.revoking(this.#owned);
  }

  lost(): void {
    if (!this.#ended) this.#sink.lost();
  }

  crashed(error: unknown): void {
    if (this.#ended) return;
    this.#end();
    this.#sink.crashed(error);
  }

  #end(): void {
    this.#ended = true;
    this.#parts.fetcher.end();
    void this.#parts.transactions.end();
  }

  async #stop(): Promise<void> {
    this.#end();
    await Promise.allSettled(this.#pending);
    await Promise.all([this.#parts.session.leave(), this.#parts.transactions.end()]);
    await Promise.all(this.#parts.clusters.map((cluster) => cluster.close()));
  }
}
