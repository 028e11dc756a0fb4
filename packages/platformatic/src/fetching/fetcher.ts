import {
  isLegalPartition,
  type MemberSink,
  type PartitionOffset,
  partitionKey,
  type TopicPartition,
} from '@velo/engine';
import type { FetchedPartition } from '../api.js';
import type { Broker, Cluster } from '../connection/cluster.js';
import type { MemberConfig } from '../connection/member-config.js';
import { refusal } from '../errors.js';
import { LATER, MOVED, OFFSET_OUT_OF_RANGE } from './fetch-codes.js';
import { nameTopics } from './name-topics.js';
import { readPartition } from './records.js';
import { Source } from './source.js';

/** ms. After an answer that is none, or whose partition has moved. */
const PAUSE = 100;
/** ms. Between two questions who leads what. */
const REFRESH_PAUSE = 300;
/** ms. After a first answer that the position is out of range. */
const FIRST_PAUSE = 500;
/** A broker has one request of a connection under way: the second one is for what is ready while the first one waits. */
const LINES = 2;

/** What a fetch was sent for: an answer counts while the source has this version. */
interface Asked {
  readonly source: Source;
  readonly position: number;
  readonly version: number;
}

/** Where the group goes on in partitions; undefined for those whose leader does not answer. */
export type WhereToBegin = (
  partitions: readonly TopicPartition[],
) => Promise<readonly (number | undefined)[]>;

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
  readonly #lines: readonly Cluster[];
  readonly #whereToBegin: WhereToBegin;
  readonly #config: MemberConfig;
  readonly #sink: MemberSink;
  readonly #onFailed: (error: unknown) => void;
  #sources = new Map<string, Source>();
  /** By broker: which of its connections have a fetch under way. */
  readonly #busy = new Map<string, Set<Cluster>>();
  #timer: NodeJS.Timeout | undefined;
  #refreshing = false;
  /** By `performance.now()`. */
  #refreshedAt = Number.NEGATIVE_INFINITY;
  #ended = false;

  /** @param lines for fetches alone, as many as may be under way at one broker */
  constructor(
    cluster: Cluster,
    lines: readonly Cluster[],
    { config, whereToBegin, sink, onFailed }: FetcherOptions,
  ) {
    this.#cluster = cluster;
    this.#lines = lines;
    this.#whereToBegin = whereToBegin;
    this.#config = config;
    this.#sink = sink;
    this.#onFailed = onFailed;
  }

  static readonly LINES = LINES;

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
    const sources = [...this.#sources.values()];
    if (sources.length > 0) void this.#begin(sources);
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

  /** Where nothing is committed, a partition begins at its earliest record: the core seeks forward where it wants to. */
  async #begin(sources: readonly Source[]): Promise<void> {
    const versions = sources.map(({ version }) => version);
    const open = () =>
      sources.filter(
        (source, i) =>
          this.#isMine(source) && source.version === versions[i] && source.position === undefined,
      );
    for (let wanted = open(); wanted.length > 0 && !this.#ended; wanted = open()) {
      try {
        const positions = await this.#whereToBegin(wanted);
        const still = new Set(open());
        wanted.forEach((source, i) => {
          if (still.has(source)) source.position = positions[i];
        });
        this.#pump();
      } catch {
        // Asked again: a coordinator that is away, or a partition whose leader is.
      }
      if (open().length > 0) await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
  }

  #isMine(source: Source): boolean {
    return this.#sources.get(source.key) === source;
  }

  /** Sends what can be sent: to each broker that leads something that is ready, on a connection that is free. */
  #pump(): void {
    if (this.#ended) return;
    const now = performance.now();
    const byBroker = new Map<Broker, Source[]>();
    let leaderless = false;
    let later = Number.POSITIVE_INFINITY;
    for (const source of this.#sources.values()) {
      if (!source.isReady(now)) {
        if (source.notBefore > now) later = Math.min(later, source.notBefore);
        continue;
      }
      const leader = this.#cluster.knownLeader(source);
      if (leader === undefined) {
        leaderless = true;
        continue;
      }
      const list = byBroker.get(leader);
      if (list === undefined) byBroker.set(leader, [source]);
      else list.push(source);
    }
    for (const [broker, sources] of byBroker) this.#sendTo(broker, sources);
    if (leaderless) void this.#refresh();
    if (later !== Number.POSITIVE_INFINITY) this.#later(later - now);
  }

  #sendTo(broker: Broker, sources: readonly Source[]): void {
    const node = `${broker.host}:${broker.port}`;
    const busy = this.#busy.get(node) ?? new Set();
    this.#busy.set(node, busy);
    const line = this.#lines.find((candidate) => !busy.has(candidate));
    if (line === undefined) return;
    busy.add(line);
    for (const source of sources) source.busy = true;
    void this.#fetch(line, broker, sources).finally(() => {
      busy.delete(line);
      for (const source of sources) source.busy = false;
      this.#pump();
    });
  }

  /** Never rejects. */
  async #fetch(line: Cluster, broker: Broker, sources: readonly Source[]): Promise<void> {
    const { maxWaitTime, minBytes, maxBytes, isolation } = this.#config;
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
        [maxWaitTime, minBytes, maxBytes, isolation, 0, -1, topics, [], ''],
        { limit: maxWaitTime + line.config.timeout, wait: maxWaitTime, version },
      );
      if (this.#ended) return;
      if (answer.errorCode !== 0 && answer.responses.length === 0) throw refusal(answer.errorCode, 'a fetch');
      for (const { topicId, partitions } of answer.responses) {
        const topic = names.get(topicId);
        if (topic === undefined) continue;
        for (const partition of partitions) {
          const mine = asked.get(partitionKey(topic, partition.partitionIndex));
          if (mine !== undefined) this.#take(mine, partition);
        }
      }
    } catch {
      // No answer: whoever leads now is asked.
      if (this.#ended) return;
      for (const source of sources) this.#putOff(source);
      void this.#refresh();
    }
  }

  #take({ source, position, version }: Asked, answer: FetchedPartition): void {
    // It has left, or is to be read from elsewhere.
    if (source.version !== version || !this.#isMine(source)) return;
    const { topic, partition } = source;
    const { errorCode } = answer;
    if (errorCode === OFFSET_OUT_OF_RANGE && !source.tried) {
      // Right after an assignment the core looks at the group's position itself, and tells how much it passes over.
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
      const { records, next } = readPartition(topic, answer, position);
      if (next === position) return;
      source.position = next;
      if (records.length > 0) this.#sink.records(topic, partition, records);
      const last = records.at(-1);
      // What lies behind the last record is none.
      if (last === undefined || Number(last.offset) + 1 !== next)
        this.#sink.reached({ topic, partition }, next);
    }
  }

  #putOff(source: Source, time = PAUSE): void {
    source.notBefore = performance.now() + time;
  }

  /** Asks who leads what; one question at a time, and not again and again. */
  async #refresh(): Promise<void> {
    const now = performance.now();
    if (this.#refreshing || this.#ended) return;
    if (now < this.#refreshedAt + REFRESH_PAUSE) return this.#later(this.#refreshedAt + REFRESH_PAUSE - now);
    this.#refreshing = true;
    this.#refreshedAt = now;
    try {
      await this.#cluster.describe([...new Set([...this.#sources.values()].map(({ topic }) => topic))]);
    } catch {
      // Asked again below.
    } finally {
      this.#refreshing = false;
    }
    this.#later(PAUSE);
  }

  #later(time: number): void {
    if (this.#ended) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#pump(), Math.max(1, time));
  }
}
