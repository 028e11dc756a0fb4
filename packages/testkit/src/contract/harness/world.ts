import type { ConsumerConfig, KafkaRecord, Velo, VeloOptions } from '@velo/engine';
import { uniqueName } from '../../support/names.js';
import { until } from '../../support/until.js';
import type { AdapterUnderTest, ClusterAddress } from '../adapter.js';
import { Child, type ChildTask } from './child.js';
import type { ContractCluster } from './contract-cluster.js';
import { Member } from './member.js';
import { Observer, type WrittenRecord } from './observer.js';

export type MemberConfig = Partial<ConsumerConfig> & Pick<ConsumerConfig, 'topics'>;

/** What velo would print is asked for by events. */
const SILENT = { info() {}, warn() {}, error() {} };

/** What one scenario works with; all of it is taken down at its end. */
export class World {
  readonly adapter: AdapterUnderTest;
  readonly cluster: ContractCluster;
  readonly groupId = uniqueName('Group');
  readonly #velos: Velo[] = [];
  readonly #members: Member[] = [];
  readonly #children: Child[] = [];
  #observer: Observer | undefined;

  constructor(adapter: AdapterUnderTest, cluster: ContractCluster) {
    this.adapter = adapter;
    this.cluster = cluster;
  }

  get observer(): Observer {
    return this.#observer ?? this.cluster.observer;
  }

  /** For whoever deletes topics: kafkajs's calls fail once a topic is gone that it was asked for, others' calls as well. */
  async ownObserver(): Promise<void> {
    this.#observer = new Observer(this.cluster.brokers);
    await this.#observer.connect();
  }

  /** Creates a topic. */
  async topic(partitions = 1, configs?: Readonly<Record<string, string>>): Promise<string> {
    const topic = uniqueName('topic');
    await this.observer.createTopic(topic, partitions, configs);
    return topic;
  }

  write(topic: string, ...records: (WrittenRecord | string)[]): Promise<void> {
    return this.observer.write(topic, ...records);
  }

  /** Velo's own topic for a source and this scenario's group. */
  ownTopic(source: string, suffix: `retry-${string}` | 'dlt' | 'replay'): string {
    return `${source}-${this.groupId}-${suffix}`;
  }

  velo(options: VeloOptions = {}, address: ClusterAddress = this.cluster): Velo {
    const velo = this.adapter.createVelo(address, { logger: SILENT, env: {}, ...options });
    this.#velos.push(velo);
    return velo;
  }

  /** A member with a client of its own, as in a process of its own; not started. */
  member(config: MemberConfig, address?: ClusterAddress, options: VeloOptions = {}): Member {
    const member = new Member(this.velo(options, address), {
      groupId: this.groupId,
      startFrom: 'earliest',
      commitInterval: 50,
      client: this.adapter.client.quick,
      handler: () => {},
      ...config,
    });
    this.#members.push(member);
    return member;
  }

  /** A member that has joined. */
  async joined(config: MemberConfig): Promise<Member> {
    const member = this.member(config);
    await member.consumer.start();
    return member;
  }

  /** A consumer in a process of its own. */
  child(task: ChildTask, nodeOptions: readonly string[] = []): Child {
    const child = new Child(this.adapter.childModule, this.cluster, task, nodeOptions);
    this.#children.push(child);
    return child;
  }

  untilCommitted(topic: string, offset: number, partition = 0): Promise<unknown> {
    let seen: readonly number[] = [];
    const look = async () => {
      // The group's coordinator may be loading, and a new topic not be known everywhere.
      seen = await this.observer.committed(this.groupId, topic).catch(() => seen);
      return (seen[partition] ?? -1) >= offset;
    };
    return until(`offset ${offset} of ${topic} ${partition} is committed`, look, { seen: () => seen });
  }

  async committed(topic: string, partition = 0): Promise<number> {
    return (await this.observer.committed(this.groupId, topic))[partition] ?? -1;
  }

  /** How the members are, for an error's text. */
  describe(): string {
    return this.#members.map((member) => JSON.stringify(member.state)).join('; ');
  }

  async end(): Promise<void> {
    await Promise.all(this.#children.map((child) => child.kill()));
    await Promise.all(this.#members.map(({ consumer }) => consumer.stop({ timeout: 0 })));
    await Promise.all(this.#velos.map((velo) => velo.close()));
    await this.#observer?.disconnect();
  }
}

/** The text of a record's value. */
export function textOf(record: KafkaRecord): string | null {
  return record.value?.toString() ?? null;
}
