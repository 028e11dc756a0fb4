import type { ClientBinding, GroupMember, MemberSink } from '../../src/binding/binding.js';

const never = () => new Promise<never>(() => {});

/** A client in a process that dies at one of its calls, before the brokers hear of it or after they have done it. */
export class MortalClient {
  #left: number;
  readonly #after: boolean;
  dead = false;
  readonly #onDeath: () => void;

  /** @param calls until it dies @param after whether the last call is still done */
  constructor(calls: number, after: boolean, onDeath: () => void) {
    this.#left = calls;
    this.#after = after;
    this.#onDeath = onDeath;
  }

  wrap(client: ClientBinding): ClientBinding {
    return {
      ...client,
      partitionCount: (topic) => this.#call(() => client.partitionCount(topic)),
      listTopics: () => this.#call(() => client.listTopics()),
      createTopics: (topics) => this.#call(() => client.createTopics(topics)),
      createPartitions: (topic, count) => this.#call(() => client.createPartitions(topic, count)),
      offsets: (partitions) => {
        const asked = this.#call(async () => {});
        return client.offsets(partitions).map((range) => asked.then(() => range));
      },
      committed: (groupId, partitions) => this.#call(() => client.committed(groupId, partitions)),
      publish: (records) => this.#call(() => client.publish(records)),
      join: async (membership, sink) => this.#member(await client.join(membership, this.#sink(sink))),
    };
  }

  async #call<T>(work: () => Promise<T>): Promise<T> {
    if (this.dead) return never();
    const last = --this.#left <= 0;
    if (last) this.#die();
    if (!last) {
      const result = await work();
      return this.dead ? never() : result;
    }
    if (this.#after) await work();
    return never();
  }

  #die(): void {
    this.dead = true;
    this.#onDeath();
  }

  #sink(sink: MemberSink): MemberSink {
    return {
      assignment: (partitions) => this.dead || sink.assignment(partitions),
      lost: () => this.dead || sink.lost(),
      revoking: (partitions) => (this.dead ? never() : sink.revoking(partitions)),
      records: (...fed) => this.dead || sink.records(...fed),
      reached: (...told) => this.dead || sink.reached(...told),
      outOfRange: (partition) => this.dead || sink.outOfRange(partition),
      crashed: (error) => this.dead || sink.crashed(error),
    } as MemberSink;
  }

  #member(member: GroupMember): GroupMember {
    const { transactions } = member;
    return {
      pause: (partitions) => member.pause(partitions),
      resume: (partitions) => member.resume(partitions),
      seek: (position) => member.seek(position),
      commit: (offsets) => this.#call(() => member.commit(offsets)),
      contact: () => member.contact(),
      stop: () => member.stop(),
      transactions: transactions && {
        fence: (partitions) => this.#call(() => transactions.fence(partitions)),
        transact: (handOvers) => this.#call(() => transactions.transact(handOvers)),
      },
    };
  }
}
