import { type KafkaRecord, type MemberSink, sizeInBytes, type TopicPartition } from '@velo/engine';
import type { RdKafkaConsumer, RdKafkaMessage } from '../api.js';
import { type Holding, Holdings } from './holdings.js';
import { OffsetTexts } from './offset-texts.js';
import { toRecord } from './records.js';

/**
 * Records of a paused partition that are kept before librdkafka is told to pause it. Pausing makes librdkafka throw
 * away what it has fetched ahead, and a resume may wait for a whole fetch: short pauses are not worth that.
 */
const MAX_KEPT_RECORDS = 1_000;
const MAX_KEPT_BYTES = 1024 * 1024;
/**
 * Bytes that are kept of all paused partitions of a member: each may have as much as is free, so that the first ones
 * leave room for others. Once all is taken, librdkafka pauses every partition that is paused: otherwise each of them could
 * bring one more record, however large.
 */
const MAX_KEPT_IN_ALL = 16 * 1024 * 1024;
/** ms. What a wake-up call may take; its answer does not matter. */
const WAKE_LIMIT = 100;

/** Takes fetched messages in: each to its partition, or kept while that is paused. */
export class Intake {
  readonly holdings = new Holdings();
  readonly #offsets = new OffsetTexts();
  readonly #consumer: RdKafkaConsumer;
  readonly #sink: MemberSink;

  constructor(consumer: RdKafkaConsumer, sink: MemberSink) {
    this.#consumer = consumer;
    this.#sink = sink;
  }

  /** Messages of several partitions, mostly in long runs of one. */
  take(messages: readonly RdKafkaMessage[]): void {
    const { areOfOneTopic } = this.holdings;
    for (let start = 0, end = 0; start < messages.length; start = end) {
      const { topic, partition } = messages[start] as RdKafkaMessage;
      end = endOfRun(messages, start, areOfOneTopic);
      const holding = this.holdings.find(topic, partition);
      if (holding !== undefined && !holding.seeking) this.#takeRun(holding, messages, start, end);
    }
  }

  pause(partitions: readonly TopicPartition[]): void {
    const paused = this.#find(partitions);
    for (const holding of paused) holding.paused = true;
    if (this.holdings.keptBytes >= MAX_KEPT_IN_ALL) this.#stop(paused);
  }

  resume(partitions: readonly TopicPartition[]): void {
    for (const holding of this.#find(partitions)) {
      holding.paused = false;
      this.#giveKept(holding);
      this.#tellEnd(holding);
      // The engine may have had enough by now.
      if (holding.stopped && !holding.paused) this.#start(holding);
    }
  }

  /** All that the partition has was fetched. */
  reached({ topic, partition }: TopicPartition, next: number): void {
    const holding = this.holdings.find(topic, partition);
    if (holding === undefined || holding.seeking) return;
    if (holding.paused) holding.end = next;
    else this.#sink.reached({ topic, partition }, next);
  }

  /** A position was out of range: what follows begins at another one. */
  lost({ topic, partition }: TopicPartition, offset: number): void {
    const holding = this.holdings.find(topic, partition);
    if (holding !== undefined) holding.lostPosition = offset;
  }

  #takeRun(holding: Holding, messages: readonly RdKafkaMessage[], start: number, end: number): void {
    let from = start;
    if (holding.lostPosition !== undefined) {
      from = this.#passLostPosition(holding, holding.lostPosition, messages, start, end);
      if (from === end) return;
    }
    holding.last = (messages[end - 1] as RdKafkaMessage).offset;
    const records = new Array<KafkaRecord>(end - from);
    for (let i = from; i < end; i++)
      records[i - from] = toRecord(messages[i] as RdKafkaMessage, holding.topic, this.#offsets);
    if (holding.paused) this.#keep(holding, records);
    else this.#sink.records(holding.topic, holding.partition, records);
  }

  /** Gives what lies before the lost position as usual, and tells of the jump after it. */
  #passLostPosition(
    holding: Holding,
    lost: number,
    messages: readonly RdKafkaMessage[],
    start: number,
    end: number,
  ): number {
    let from = start;
    for (let last = holding.last; from < end; from++) {
      const { offset } = messages[from] as RdKafkaMessage;
      if (offset >= lost || offset <= last) break;
      last = offset;
    }
    holding.lostPosition = undefined;
    if (from > start) this.#takeRun(holding, messages, start, from);
    if (from === end) {
      holding.lostPosition = lost;
      return end;
    }
    this.#giveKept(holding);
    this.#sink.outOfRange({ topic: holding.topic, partition: holding.partition });
    return from;
  }

  #keep(holding: Holding, records: readonly KafkaRecord[]): void {
    for (const record of records) {
      holding.kept.push(record);
      holding.keptBytes += sizeInBytes(record);
    }
    const free = MAX_KEPT_IN_ALL - this.holdings.keptBytes;
    if (free <= 0) this.#stop(this.holdings.owned.filter(({ paused }) => paused));
    else if (holding.kept.length >= MAX_KEPT_RECORDS || holding.keptBytes >= Math.min(MAX_KEPT_BYTES, free))
      this.#stop([holding]);
  }

  #stop(holdings: readonly Holding[]): void {
    const going = holdings.filter(({ stopped }) => !stopped);
    if (going.length === 0) return;
    for (const holding of going) holding.stopped = true;
    this.#tell(() => this.#consumer.pause(going.map(partitionOf)));
  }

  #giveKept(holding: Holding): void {
    const { kept } = holding;
    if (kept.length === 0) return;
    holding.kept = [];
    holding.keptBytes = 0;
    this.#sink.records(holding.topic, holding.partition, kept);
  }

  #tellEnd(holding: Holding): void {
    const { end } = holding;
    holding.end = undefined;
    if (end !== undefined) this.reached(holding, end);
  }

  /** Where all of a broker's partitions were paused, its thread sleeps for up to a second, unless it is asked something. */
  #start(holding: Holding): void {
    holding.stopped = false;
    const { topic, partition } = holding;
    this.#tell(() => {
      this.#consumer.resume([{ topic, partition }]);
      this.#consumer.queryWatermarkOffsets(topic, partition, WAKE_LIMIT, () => {});
    });
  }

  #find(partitions: readonly TopicPartition[]): Holding[] {
    return partitions.flatMap(({ topic, partition }) => this.holdings.find(topic, partition) ?? []);
  }

  #tell(command: () => void): void {
    try {
      command();
    } catch {
      // librdkafka does not own the partition any more, or the consumer is disconnected; the member hears of it next.
    }
  }
}

function partitionOf({ topic, partition }: TopicPartition): TopicPartition {
  return { topic, partition };
}

/** @param areOfOneTopic each message has a text of its own for its topic, which is slow to compare */
function endOfRun(messages: readonly RdKafkaMessage[], start: number, areOfOneTopic: boolean): number {
  const { topic, partition } = messages[start] as RdKafkaMessage;
  let end = start + 1;
  for (; end < messages.length; end++) {
    const message = messages[end] as RdKafkaMessage;
    if (message.partition !== partition || !(areOfOneTopic || message.topic === topic)) break;
  }
  return end;
}
