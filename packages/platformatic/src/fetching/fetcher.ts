// One file, since each method moves the same sources on, from what is asked for to what is given.
import {
  isLegalPartition,
  type MemberSink,
  type PartitionOffset,
  partitionKey,
  type TopicPartition,
} from '@velo/engine';
import { nextTurn } from '@velo/retry-core';
import type { FetchedPartition } from '../api.js';
import { addressOf } from '../connection/address-of.js';
import type { Broker, Cluster } from '../connection/cluster.js';
import type { MemberConfig } from '../connection/member-config.js';
import { refusal } from '../errors.js';
import { LATER, MOVED, OFFSET_OUT_OF_RANGE } from './fetch-codes.js';
import { findPositions, type WhereToBegin } from './find-positions.js';
import { LeaderSearch } from './leader-search.js';
import { nameTopics } from './name-topics.js';
import { readySources } from './ready-sources.js';
import { nextPosition, readPartition } from './records.js';
import { Source } from './source.js';

/** ms. After an answer that is none, or whose partition has moved. */
const PAUSE = 100;
/** ms. After a first answer that the position is out of range. */
const FIRST_PAUSE = 500;
/** ms. How long a fetch aside waits for records: while it does, what becomes ready waits, too. */
const ASIDE_WAIT = 20;
/** ms. Where it has no answer by then, nothing waits for it any more. */
const ASIDE_LIMIT = 500;

/** What a fetch was sent for: an answer counts while the source has this version. */
interface Asked {
  readonly source: Source;
  readonly position: number;
  readonly version: number;
}

/** Part of an answer, from the position that it was asked for up to `next`. */
interface Taken extends Asked {
  readonly answer: FetchedPartition;
  readonly next: number;
}

/**
 * For fetches alone, since a broker works on one request of a connection after the other: one that asks for all that is ready and
 * waits for records, and one for what becomes ready meanwhile, until both can be asked for together again.
 */
export interface FetchLines {
  readonly main: Cluster;
  readonly aside: Cluster;
}

export interface FetcherOptions {
  readonly config: MemberConfig;
  readonly whereToBegin: WhereToBegin;
  readonly sink: MemberSink;
  /** A broker refuses a partition for good. */
  readonly onFailed: (error: unknown) => void;
}

/**
 * Fetches what a member owns from each broker that leads some of it. A partition that is paused is left out of the next
 * request. Positions are kept here, and begin anew with each assignment at what the group has committed.
 */
export class Fetcher {
  readonly #cluster: Cluster;
  readonly #lines: FetchLines;
  readonly #whereToBegin: WhereToBegin;
  readonly #config: MemberConfig;
  readonly #sink: MemberSink;
  readonly #onFailed: (error: unknown) => void;
  #sources = new Map<string, Source>();
  /** By broker: which of its connections have a fetch under way. */
  readonly #busy = new Map<string, Set<Cluster>>();
  /** Brokers that owe an answer to a fetch aside. */
  readonly #late = new Set<string>();
  readonly #leaders: LeaderSearch;
  #timer: NodeJS.Timeout | undefined;
  #ended = false;

  constructor(cluster: Cluster, lines: FetchLines, { config, whereToBegin, sink, onFailed }: FetcherOptions) {
    this.#cluster = cluster;
    this.#lines = lines;
    this.#whereToBegin = whereToBegin;
    this.#config = config;
    this.#sink = sink;
    this.#onFailed = onFailed;
    this.#leaders = new LeaderSearch(
      cluster,
      () => new Set([...this.#sources.values()].map(({ topic }) => topic)),
    );
  }

  /** Another assignment: what is under way for the one before counts no more. */
  assign(partitions: readonly TopicPartition[]): void {
    const before = this.#sources;
    for (const source of before.values()) source.version++;
    this.#sources = new Map(
      partitions.filter(isLegalPartition).map((partition) => {
        const source = new Source(partition);
        source.paused = before.get(source.key)?.paused ?? false;
        return [source.key, source];
      }),
    );
    const sources = [...this.#sources.values()].map((source) => ({ source, version: source.version }));
    const open = () =>
      sources
        .filter(({ source, version }) => this.#isOpen(source, version) && source.position === undefined)
        .map(({ source }) => source);
    void findPositions(open, this.#whereToBegin, () => this.#pump());
  }

  pause(partitions: readonly TopicPartition[]): void {
    for (const { topic, partition } of partitions) {
      const source = this.#sources.get(partitionKey(topic, partition));
      if (source !== undefined) source.paused = true;
    }
  }

  resume(partitions: readonly TopicPartition[]): void {
    for (const { topic, partition } of partitions) {
      const source = this.#sources.get(partitionKey(topic, partition));
      if (source !== undefined) source.paused = false;
    }
    this.#pump();
  }

  seek({ topic, partition, offset }: PartitionOffset): void {
    this.#sources.get(partitionKey(topic, partition))?.moveTo(offset);
    this.#pump();
  }

  end(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
    for (const source of this.#sources.values()) source.version++;
    this.#sources.clear();
  }

  /** False: it has left, or is to be read from elsewhere. */
  #isOpen(source: Source, version: number): boolean {
    return source.version === version && this.#sources.get(source.key) === source;
  }

  /** Sends what can be sent: to each broker that leads something that is ready, on a connection that is free. */
  #pump(): void {
    if (this.#ended) return;
    const { byLeader, leaderless, wait } = readySources(this.#sources.values(), this.#cluster);
    for (const [broker, sources] of byLeader) this.#sendTo(broker, sources);
    if (leaderless) void this.#refresh();
    if (wait !== undefined) this.#later(wait);
  }

  #sendTo(broker: Broker, sources: readonly Source[]): void {
    const node = addressOf(broker);
    const busy = this.#busy.get(node) ?? new Set();
    this.#busy.set(node, busy);
    const { main, aside } = this.#lines;
    if (busy.has(aside) && (busy.has(main) || !this.#late.has(node))) return;
    const line = busy.has(main) ? aside : main;
    busy.add(line);
    for (const source of sources) source.busy = true;
    const late = line === aside ? this.#whenLate(node) : undefined;
    void this.#fetch(line, broker, sources).then((taken) => {
      clearTimeout(late);
      if (line === aside) this.#late.delete(node);
      busy.delete(line);
      for (const source of sources) source.busy = false;
      return this.#deliver(taken);
    });
  }

  /** A connection that is hardly used may have been dropped on its way, and nobody told. */
  #whenLate(node: string): NodeJS.Timeout {
    const late = setTimeout(() => {
      this.#late.add(node);
      this.#pump();
    }, ASIDE_LIMIT);
    return late.unref();
  }

  /** The next fetch is on its way while these records are handled: a lane that they fill gets one answer more. */
  async #deliver(taken: readonly Taken[]): Promise<void> {
    this.#pump();
    if (taken.length === 0) return;
    await nextTurn();
    try {
      for (const one of taken) this.#give(one);
    } catch (error) {
      // Positions are beyond these records by now: another member begins anew.
      this.#onFailed(error);
    }
  }

  #give({ source, position, version, answer, next }: Taken): void {
    if (!this.#isOpen(source, version)) return;
    const { topic, partition } = source;
    let given = position;
    for (const records of readPartition(topic, answer, position)) {
      // Whoever has handled some of them may have sought another position, or left.
      if (!this.#isOpen(source, version)) return;
      this.#sink.records(topic, partition, records);
      given = Number(records.at(-1)?.offset) + 1;
    }
    // What lies behind the last record is none.
    if (given !== next && this.#isOpen(source, version)) this.#sink.reached({ topic, partition }, next);
  }

  /** What has come, with the sources' positions behind it. Never rejects. */
  async #fetch(line: Cluster, broker: Broker, sources: readonly Source[]): Promise<readonly Taken[]> {
    const taken: Taken[] = [];
    const { maxWaitTime, minBytes, maxBytes, isolation } = this.#config;
    const wait = line === this.#lines.aside ? Math.min(ASIDE_WAIT, maxWaitTime) : maxWaitTime;
    const asked = new Map(
      sources.map((source): [string, Asked] => [
        source.key,
        { source, position: source.position as number, version: source.version },
      ]),
    );
    try {
      const { topics, names, version } = await nameTopics(this.#cluster, line, broker, sources, this.#config);
      const answer = await line.ask(
        broker,
        'fetch',
        [wait, minBytes, maxBytes, isolation, 0, -1, topics, [], ''],
        { limit: wait + line.config.timeout, wait, version },
      );
      if (this.#ended) return taken;
      if (answer.errorCode !== 0 && answer.responses.length === 0) throw refusal(answer.errorCode, 'a fetch');
      for (const { topicId, partitions } of answer.responses) {
        const topic = names.get(topicId);
        if (topic === undefined) continue;
        for (const partition of partitions) {
          const mine = asked.get(partitionKey(topic, partition.partitionIndex));
          const one = mine && this.#take(mine, partition);
          if (one !== undefined) taken.push(one);
        }
      }
    } catch {
      // No answer: whoever leads now is asked.
      if (this.#ended) return taken;
      for (const source of sources) this.#putOff(source);
      void this.#refresh();
    }
    return taken;
  }

  #take(asked: Asked, answer: FetchedPartition): Taken | undefined {
    const { source, position, version } = asked;
    if (!this.#isOpen(source, version)) return undefined;
    const { topic, partition } = source;
    const { errorCode } = answer;
    if (errorCode === OFFSET_OUT_OF_RANGE && !source.tried) {
      // Right after an assignment the engine looks at the group's position itself, and tells how much it passes over.
      source.tried = true;
      this.#putOff(source, FIRST_PAUSE);
    } else if (errorCode === OFFSET_OUT_OF_RANGE) {
      source.astray = true;
      this.#sink.outOfRange({ topic, partition });
    } else if (MOVED.has(errorCode) || LATER.has(errorCode)) {
      this.#putOff(source);
      if (MOVED.has(errorCode)) void this.#refresh();
    } else if (errorCode !== 0) {
      this.#onFailed(refusal(errorCode, `partition ${partition} of "${topic}"`));
    } else {
      source.tried = true;
      const next = this.#next(asked, answer);
      if (next === position) return undefined;
      source.position = next;
      // Brokers fill an answer in the order of the request: who got something stands behind the others.
      this.#sources.delete(source.key);
      this.#sources.set(source.key, source);
      return { ...asked, answer, next };
    }
    return undefined;
  }

  /** Where bytes come that make no sense, the member ends, and says so: asking again at once would go on for ever. */
  #next({ source, position }: Asked, answer: FetchedPartition): number {
    try {
      return nextPosition(source.topic, answer, position);
    } catch (error) {
      this.#onFailed(error);
      return position;
    }
  }

  #putOff(source: Source, time = PAUSE): void {
    source.notBefore = performance.now() + time;
  }

  async #refresh(): Promise<void> {
    if (this.#ended) return;
    const wait = await this.#leaders.ask();
    if (wait !== undefined) this.#later(wait);
  }

  #later(time: number): void {
    if (this.#ended) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#pump(), Math.max(1, time));
  }
}
