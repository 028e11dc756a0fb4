import { closed, type TopicPartition } from '@velo/engine';
import type { Address, PlatformaticLibrary } from '../api.js';
import {
  COORDINATOR_MOVED,
  check,
  LEADER_NOT_AVAILABLE,
  noLeader,
  refusal,
  UNKNOWN_TOPIC_OR_PARTITION,
  unknownPartition,
} from '../errors.js';
import type { RequestName, Requests } from '../requests.js';
import { addressOf } from './address-of.js';
import type { BrokerContact } from './broker-contact.js';
import type { ClientConfig } from './client-config.js';
import { type AskOptions, Connections } from './connections.js';

export const GROUP = 0;
export const TRANSACTION = 1;

/** ms. For a question that any broker can answer: the next one is asked after that. */
const ANY_LIMIT = 5_000;
const NO_ID = '00000000-0000-0000-0000-000000000000';

export interface Broker extends Address {
  readonly nodeId: number;
}

export interface TopicMetadata {
  readonly topic: string;
  /** Undefined where the broker tells none. */
  readonly id: string | undefined;
  /** By partition; -1: none. */
  readonly leaders: readonly number[];
  readonly replicas: number;
}

/** The brokers of a cluster, which of them leads what, and connections of one purpose to each. */
export class Cluster {
  readonly config: ClientConfig;
  readonly #connections: Connections;
  #brokers = new Map<number, Broker>();
  #controllerId = -1;
  /** The broker that has answered last. */
  #last: Address | undefined;
  readonly #topics = new Map<string, TopicMetadata>();
  readonly #coordinators = new Map<string, Broker>();
  #closed = false;

  constructor(library: PlatformaticLibrary, config: ClientConfig, purpose: string, contact?: BrokerContact) {
    this.config = config;
    this.#connections = new Connections(library, config, purpose, contact);
  }

  get brokers(): readonly Broker[] {
    return [...this.#brokers.values()];
  }

  /** @throws what says that there was no answer */
  async ask<N extends RequestName>(
    broker: Address,
    name: N,
    args: Requests[N]['args'],
    options: Partial<AskOptions> = {},
  ): Promise<Requests[N]['answer']> {
    if (this.#closed) throw closed();
    return this.#connections.ask(broker, name, args, { limit: this.config.timeout, ...options });
  }

  /** The version in which a broker would be asked. */
  version(broker: Address, name: RequestName): Promise<number> {
    return this.#connections.version(broker, name, this.config.timeout);
  }

  /**
   * Topics as brokers tell them now; those that do not exist are left out. Creates none.
   *
   * @throws where brokers tell nothing of one of them; the others are known then
   */
  async describe(topics: readonly string[] | null): Promise<ReadonlyMap<string, TopicMetadata>> {
    const answer = await this.#askAny('metadata', [topics, false, false]);
    // A broker that has just started may know no others yet.
    if (answer.brokers.length > 0)
      this.#brokers = new Map(answer.brokers.map((broker) => [broker.nodeId, broker]));
    this.#controllerId = answer.controllerId;
    const found = new Map<string, TopicMetadata>();
    let refused: unknown;
    for (const { name, errorCode, topicId, partitions } of answer.topics) {
      this.#topics.delete(name);
      if (errorCode === UNKNOWN_TOPIC_OR_PARTITION) continue;
      if (errorCode !== 0) {
        refused ??= refusal(errorCode, `topic "${name}"`);
        continue;
      }
      const leaders: number[] = [];
      for (const { partitionIndex, leaderId } of partitions) leaders[partitionIndex] = leaderId;
      const replicas = Math.max(0, ...partitions.map(({ replicaNodes }) => replicaNodes.length));
      const id = topicId === NO_ID ? undefined : topicId;
      const metadata: TopicMetadata = { topic: name, id, leaders, replicas };
      found.set(name, metadata);
      this.#topics.set(name, metadata);
    }
    if (refused !== undefined) throw refused;
    return found;
  }

  /** As it was told last. */
  known(topic: string): TopicMetadata | undefined {
    return this.#topics.get(topic);
  }

  forget(topic: string): void {
    this.#topics.delete(topic);
  }

  /** Whoever leads a partition, by what was told last; undefined: nobody, or nobody knows. */
  knownLeader({ topic, partition }: TopicPartition): Broker | undefined {
    const leader = this.#topics.get(topic)?.leaders[partition];
    return leader === undefined ? undefined : this.#brokers.get(leader);
  }

  /** @throws if the partition does not exist, or has no leader */
  async leader(of: TopicPartition): Promise<Broker> {
    const known = this.knownLeader(of);
    if (known !== undefined) return known;
    const { topic, partition } = of;
    const metadata = (await this.describe([topic])).get(topic);
    if (metadata?.leaders[partition] === undefined) throw unknownPartition(topic, partition);
    const leader = this.knownLeader(of);
    if (leader !== undefined) return leader;
    this.forget(topic);
    throw noLeader(topic, partition);
  }

  async controller(): Promise<Broker> {
    if (!this.#brokers.has(this.#controllerId)) await this.describe([]);
    const controller = this.#brokers.get(this.#controllerId) ?? this.brokers[0];
    if (controller === undefined) throw refusal(LEADER_NOT_AVAILABLE, 'the controller');
    return controller;
  }

  forgetController(): void {
    this.#controllerId = -1;
  }

  async coordinator(type: typeof GROUP | typeof TRANSACTION, key: string): Promise<Broker> {
    const name = `${type} ${key}`;
    const known = this.#coordinators.get(name);
    if (known !== undefined) return known;
    const { coordinators } = await this.#askAny('findCoordinator', [type, [key]]);
    const [found] = coordinators;
    const about = type === GROUP ? `group "${key}"` : `transactional id "${key}"`;
    check(found?.errorCode ?? 0, about);
    if (found === undefined) throw refusal(15, about);
    this.#coordinators.set(name, found);
    return found;
  }

  forgetCoordinator(type: typeof GROUP | typeof TRANSACTION, key: string): void {
    this.#coordinators.delete(`${type} ${key}`);
  }

  /** Asks the coordinator, which is looked for anew after an answer that says so, or none. */
  async askCoordinator<N extends RequestName>(
    type: typeof GROUP | typeof TRANSACTION,
    key: string,
    name: N,
    args: Requests[N]['args'],
    codeOf: (answer: Requests[N]['answer']) => number,
    options: Partial<AskOptions> = {},
  ): Promise<Requests[N]['answer']> {
    const coordinator = await this.coordinator(type, key);
    try {
      const answer = await this.ask(coordinator, name, args, options);
      if (COORDINATOR_MOVED.has(codeOf(answer))) this.forgetCoordinator(type, key);
      return answer;
    } catch (error) {
      this.forgetCoordinator(type, key);
      throw error;
    }
  }

  /** Twice is fine. Never rejects. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#connections.close();
  }

  /** @throws what the only one, or each of several, has failed with */
  async #askAny<N extends RequestName>(name: N, args: Requests[N]['args']): Promise<Requests[N]['answer']> {
    const errors: unknown[] = [];
    const limit = Math.min(ANY_LIMIT, this.config.timeout);
    for (const broker of this.#anyBrokers()) {
      try {
        const answer = await this.ask(broker, name, args, { limit });
        this.#last = broker;
        return answer;
      } catch (error) {
        if (this.#closed) throw error;
        errors.push(error);
      }
    }
    throw errors.length === 1 ? errors[0] : new AggregateError(errors, 'No broker has answered');
  }

  #anyBrokers(): Address[] {
    const all = [...(this.#last ? [this.#last] : []), ...this.#brokers.values(), ...this.config.bootstrap];
    return [...new Map(all.map((broker) => [addressOf(broker), broker])).values()];
  }
}
