import type { ErrorCategory } from '@velo/retry-core';
import type { OutgoingHeader, OutgoingRecord } from '../binding/binding.js';
import type { KafkaRecord, TopicPartition } from '../binding/record.js';
import type { ConsumerListeners } from './events.js';
import type { ConsumerGauges } from './gauges.js';
import type { PartitionLag } from './lag.js';

/**
 * Watches a velo, for telemetry: `createVelo(kafka, { observers: [observer] })`. Each method is called where it is there, and
 * what is left out costs nothing. One that throws, or gives back a promise that is rejected, stops nobody and loses nothing: the
 * log tells of it, at most once a minute.
 */
export interface Observer {
  /** A consumer was made. */
  consumer?(consumer: ObservedConsumer): ConsumerObserver | undefined;
  /** A producer was made. */
  producer?(): ProducerObserver | undefined;
  /** Somebody works on the dead letters of a group. */
  deadLetters?(letters: ObservedDeadLetters): DeadLettersObserver | undefined;
}

export interface ObservedConsumer {
  readonly groupId: string;
  /** Those of its configuration. */
  readonly topics: readonly string[];
  /** Of a topic that it reads; any other is told as a source. */
  readonly placeOf: (topic: string) => TopicPlace;
  /** What is at hand, at any time but while `consumer()` is called. Looks through all its partitions. */
  readonly gauges: () => ConsumerGauges;
  /**
   * What is not handled yet of the partitions that it reads. Asks the brokers where logs end, once in 10 s at most, and waits 2 s at
   * most for their answer; never rejects.
   */
  readonly lag: () => Promise<readonly PartitionLag[]>;
}

/** Where a topic that is read belongs. */
export interface TopicPlace {
  readonly source: string;
  /** 0: the source, or its replay topic; n: the n-th tier. */
  readonly tier: number;
}

export interface ObservedDeadLetters {
  readonly groupId: string;
}

/** What is written for others to read. */
export interface CopyObserver {
  /** A record is about to be written to another topic. */
  copy?(copy: ObservedCopy): WatchedCopy | undefined;
}

export interface OperationObserver {
  /** A request to the brokers was answered, or has failed. */
  operation?(operation: ClientOperation): void;
}

export interface ConsumerObserver extends CopyObserver, OperationObserver {
  /** Events to be told of, by their names. `success` is told of each record: `attempt` tells the same, and more. */
  readonly on?: ConsumerListeners | undefined;
  /** A handler is about to be called, for a record or for a batch; or a record of a batch could not be decoded. */
  attempt?(attempt: ObservedAttempt): WatchedAttempt | undefined;
  /** The client has delivered `count` records of a partition. After a rebalance some may come again. */
  received?(partition: TopicPartition, count: number): void;
}

export interface ProducerObserver extends OperationObserver {
  /** A call of `send` or `sendBatch`, before its records are written. */
  send?(send: ObservedSend): WatchedSend | undefined;
}

export type DeadLettersObserver = CopyObserver & OperationObserver;

/** What of a handler's context observers see. */
export interface AttemptContextFacts {
  readonly record: KafkaRecord;
  /** The attempt at this record in this topic; 1 is the first. */
  readonly attempt: number;
  /** 0: the source topic, or its replay topic; n: the n-th tier. */
  readonly tier: number;
  /** The attempts at this record in all topics, this one included. */
  readonly totalAttempts: number;
  /** Where the record first stood. */
  readonly source: TopicPartition & { readonly offset: string; readonly timestamp: number };
  /** `TOPIC/PARTITION/OFFSET` of `source`. */
  readonly id: string;
}

/** One call of a handler. */
export interface ObservedAttempt {
  /** Of its record; of a batch, of the first one. */
  readonly context: AttemptContextFacts;
  /** Of each record of a batch, the first included. `undefined`: it is no batch. */
  readonly batch: readonly AttemptContextFacts[] | undefined;
}

/** What an observer does with one attempt. It may be the observer itself, which is told which attempt it is. */
export interface WatchedAttempt {
  /**
   * Calls `run` once, at once: the handler runs inside, in whatever context is entered here. `run` never throws and gives nothing
   * back; where it is not called, the handler runs all the same.
   */
  run?(run: () => void): void;
  /** The attempt has ended; whoever runs a handler that outlives its time does not wait for it. */
  ended?(end: AttemptEnd, attempt: ObservedAttempt): void;
}

export interface AttemptEnd {
  /** From the call of `decode`, or of the handler, to its end. In ms, with fractions. */
  readonly duration: number;
  /** What the handler, or `decode`, has failed with. `undefined`: it has not. */
  readonly failure: AttemptFailure | undefined;
  /**
   * What became of the record, or of each of a batch, by its index. `unknown`: it counts as no attempt, since it will be made again.
   * So it is where its partition has gone meanwhile, or its consumer stops, and where a batch has failed and has not told by which
   * of its records: it goes again in halves.
   */
  outcome(index: number): 'success' | 'unknown' | AttemptFailure;
}

export interface AttemptFailure {
  readonly error: unknown;
  readonly category: ErrorCategory;
  readonly stage: 'decode' | 'handler';
  /** It ran longer than `handlerTimeout`. */
  readonly timedOut: boolean;
}

export type CopyKind = 'tier' | 'dead-letter' | 'replay';

export interface ObservedCopy {
  readonly kind: CopyKind;
  /** What it is a copy of, as it stands in its topic. */
  readonly record: KafkaRecord;
  /** Where it goes. */
  readonly topic: string;
}

export interface WatchedCopy {
  /**
   * Headers that go with it, in place of the record's own of the same names. Together no longer than 400 bytes: what is more is
   * left out. A copy that is too large goes without them.
   */
  readonly headers?: Iterable<OutgoingHeader> | undefined;
  ended?(end: WriteEnd, copy: ObservedCopy): void;
}

export interface ObservedSend {
  /** With their headers as the client will carry them. */
  readonly records: readonly OutgoingRecord[];
}

export interface WatchedSend {
  /** Headers that go with one of the records, in place of its own of the same names. */
  headers?(record: OutgoingRecord): Iterable<OutgoingHeader> | undefined;
  ended?(end: WriteEnd, send: ObservedSend): void;
}

export interface WriteEnd {
  /** In ms, with fractions. */
  readonly duration: number;
  /** `dropped`: it was not wanted any more, or its time was over; it may have been written all the same. */
  readonly outcome: 'written' | 'refused' | 'dropped';
  /** `undefined`: it was written, or dropped without one. */
  readonly error: unknown;
}

/** A request of the client to the brokers. */
export interface ClientOperation {
  /** `transact`: copies and offsets in one transaction. */
  readonly name: 'send' | 'commit' | 'transact';
  /** Of a send. */
  readonly topic: string | undefined;
  readonly partition: number | undefined;
  /** How many it was about, or partitions for a commit. Where some were refused, two are told of. */
  readonly count: number;
  /** In ms, with fractions. */
  readonly duration: number;
  /** `undefined`: all has been done. */
  readonly error: unknown;
}
