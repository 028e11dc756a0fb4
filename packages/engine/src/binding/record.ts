/** A header of a record. Kafka allows a name to come more than once, and a value to be null. */
export type KafkaHeader = readonly [name: string, value: Buffer | null];

/** The headers of a record: an ordered multimap, as in Kafka. */
export interface KafkaHeaders extends Iterable<KafkaHeader> {
  /** The last value of that name (Kafka's `lastHeader`); `undefined` where there is none. */
  get(name: string): Buffer | null | undefined;
  /** All values of that name, in the order of the record. */
  all(name: string): readonly (Buffer | null)[];
}

/** A record as it was fetched, the same whatever the client. */
export interface KafkaRecord {
  readonly topic: string;
  readonly partition: number;
  /** Decimal text, since offsets are 64-bit. */
  readonly offset: string;
  /** Milliseconds since 1970; -1 where the record has none. */
  readonly timestamp: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: KafkaHeaders;
}

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** One text for a partition, as a key of maps. A topic's name holds no space. */
export function partitionKey(topic: string, partition: number): string {
  return `${topic} ${partition}`;
}

/** Where a record stands, for people. */
export function placeOf({
  topic,
  partition,
  offset,
}: Pick<KafkaRecord, 'topic' | 'partition' | 'offset'>): string {
  return `${topic}, partition ${partition}, offset ${offset}`;
}

/** The first `count` of a topic. */
export function partitionsOf(topic: string, count: number): TopicPartition[] {
  return Array.from({ length: count }, (_, partition) => ({ topic, partition }));
}

/** Topic and partition alone, of an object that has more. */
export function partitionOf({ topic, partition }: TopicPartition): TopicPartition {
  return { topic, partition };
}
