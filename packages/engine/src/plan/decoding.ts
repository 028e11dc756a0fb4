import type { KafkaRecord } from '../binding/record.js';

/** Makes a record a message, or a promise of one. */
export type Decode<T> = (record: KafkaRecord) => T | Promise<T>;

/** A message that is no `KafkaRecord` has to be made of one. */
export interface DecodeRequired<T> {
  readonly decode: Decode<T>;
}

/** In place of one `decode` for all topics. */
export interface DecodeOfEachTopic<T> {
  readonly topics: Readonly<Record<string, DecodeRequired<T> | OwnTopicPolicy>>;
}

/**
 * What a consumer's configuration needs beside its settings: nothing where its handlers take a `KafkaRecord`, as they get
 * without `decode`; else `decode`, for all topics or in each one's policy.
 */
// What is required stands last: of a union, compilers tell why the last one does not fit.
export type Decoding<T> = [KafkaRecord] extends [T] ? unknown : DecodeOfEachTopic<T> | DecodeRequired<T>;

/** The same for a topic that takes nothing from the settings beside `topics`. */
export type OwnDecoding<T> = [KafkaRecord] extends [T] ? unknown : DecodeRequired<T>;

declare const own: unique symbol;

/** The policy of a topic whose messages have a type of their own, as `topicPolicy` makes it. */
export interface OwnTopicPolicy {
  /** Of the types only: a plain policy has to be of the same message type as the configuration that it stands in. */
  readonly [own]: true;
}
