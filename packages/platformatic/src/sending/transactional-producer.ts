import {
  closed,
  type HandOver,
  indexesByPartition,
  inTime,
  notFenced,
  type OutgoingRecord,
  type PartitionProducer,
  TRANSACTION_TIMEOUT,
  type TransactionFailure,
  type TransactionOutcome,
  tooLate,
  within,
} from '@velo/engine';
import { sleep } from '@velo/retry-core';
import type { PlatformaticMessage, ProduceOptions } from '../api.js';
import { byTopic } from '../connection/by-topic.js';
import { type Cluster, GROUP } from '../connection/cluster.js';
import { checkCommitted, type Generation, offsetsByTopic } from '../connection/offset-commits.js';
import { brokerCode, CLIENT, COORDINATOR_MOVED } from '../errors.js';
import { runsOf } from '../quirks/far-timestamps.js';
import type { Requests } from '../requests.js';
import { compressionOf, toMessage } from './messages.js';
import { send } from './send.js';
import { MOVED_PAUSE, TransactionCoordinator } from './transaction-coordinator.js';

/** Metadata were at fault, and nothing was written. */
const MOVED: ReadonlySet<number | undefined> = new Set([3, 5, 6]);
/** ms. How long an end waits for what is under way. */
const END_LIMIT = 2_000;
/** Of a request that names one producer; later ones are for brokers. */
const ADD_PARTITIONS_VERSION = 3;

interface Identity {
  readonly producerId: bigint;
  readonly producerEpoch: number;
}

/**
 * One producer of one transactional id, from its fence to its end. It is of no more use after a transaction that did
 * not commit: what the brokers have of it is not known, and the engine fences anew.
 */
export class TransactionalProducer implements PartitionProducer<Generation> {
  readonly #cluster: Cluster;
  readonly #groupId: string;
  readonly #id: string;
  readonly #coordinator: TransactionCoordinator;
  #identity: Identity | undefined;
  /** The next sequence number of each partition, as the client reads them. */
  readonly #sequences = new Map<string, number>();
  #busy: Promise<unknown> = Promise.resolve();
  #ended: Promise<void> | undefined;

  constructor(cluster: Cluster, groupId: string, transactionalId: string) {
    this.#cluster = cluster;
    this.#groupId = groupId;
    this.#id = transactionalId;
    this.#coordinator = new TransactionCoordinator(cluster, transactionalId, () => this.#ended !== undefined);
  }

  /** From now on no transaction of another producer with its id is open or can be committed. */
  fence(): Promise<void> {
    return this.#while(async () => {
      const { producerId, producerEpoch } = await this.#coordinator.ask(
        'initProducerId',
        // Of nobody: with those of another producer, the brokers would take it for that one.
        [this.#id, TRANSACTION_TIMEOUT, -1n, -1],
        ({ errorCode }) => errorCode,
      );
      this.#identity = { producerId, producerEpoch };
    });
  }

  /** Never rejects. After a failure the transaction is aborted in the background, if it can be. */
  async transact(handOver: HandOver, generation: Generation | undefined): Promise<TransactionOutcome> {
    const identity = this.#identity;
    if (identity === undefined || generation === undefined)
      return { committed: false, error: notFenced(handOver.offset) };
    let outcome: TransactionOutcome;
    try {
      outcome = await this.#while(() => this.#transact(handOver, generation, identity));
    } catch (error) {
      outcome = { committed: false, error };
    }
    if (!outcome.committed) {
      this.#identity = undefined;
      this.#busy = this.#end(identity, false).catch(() => {});
    }
    return outcome;
  }

  /** Twice is fine. Never rejects. */
  end(): Promise<void> {
    this.#ended ??= (async () => {
      // An abort follows what has failed.
      const over = this.#busy.then(
        () => this.#busy,
        () => this.#busy,
      );
      await within(END_LIMIT, over);
    })();
    return this.#ended;
  }

  async #transact(
    { offset, copies }: HandOver,
    generation: Generation,
    identity: Identity,
  ): Promise<TransactionOutcome> {
    const failure = copies.length > 0 ? await this.#sendAll(copies, identity) : undefined;
    if (failure !== undefined) return failure;
    const { producerId, producerEpoch } = identity;
    await this.#coordinator.ask(
      'addOffsetsToTxn',
      [this.#id, producerId, producerEpoch, this.#groupId],
      ({ errorCode }) => errorCode,
    );
    await this.#commitOffset(offset, generation, identity);
    await this.#end(identity, true);
    return { committed: true };
  }

  async #sendAll(
    copies: readonly OutgoingRecord[],
    identity: Identity,
  ): Promise<TransactionFailure | undefined> {
    const groups = indexesByPartition(copies);
    try {
      await this.#addPartitions(
        [...groups.values()].map(([first]) => copies[first as number] as OutgoingRecord),
        identity,
      );
    } catch (error) {
      return { committed: false, error, suspects: copies.map((_, i) => i) };
    }
    for (const indexes of groups.values()) {
      try {
        await this.#send(
          indexes.map((index) => copies[index] as OutgoingRecord),
          identity,
        );
      } catch (error) {
        return { committed: false, error, suspects: indexes };
      }
    }
    return undefined;
  }

  async #addPartitions(
    partitions: readonly OutgoingRecord[],
    { producerId, producerEpoch }: Identity,
  ): Promise<void> {
    const topics = byTopic(partitions, ({ partition }) => partition);
    const answerCodes = (answer: Requests['addPartitionsToTxn']['answer']) =>
      answer.resultsByTransaction.flatMap(({ topicResults }) =>
        topicResults.flatMap(({ resultsByPartition }) =>
          resultsByPartition.map(({ partitionErrorCode }) => partitionErrorCode),
        ),
      );
    // OPERATION_NOT_ATTEMPTED stands beside the code of the partition that is to blame.
    const worst = (codes: readonly number[]) =>
      codes.find((code) => code !== 0 && code !== 55) ?? codes.find((code) => code !== 0) ?? 0;
    await this.#coordinator.ask(
      'addPartitionsToTxn',
      [[{ transactionalId: this.#id, producerId, producerEpoch, verifyOnly: false, topics }]],
      (answer) => worst(answerCodes(answer)),
      ADD_PARTITIONS_VERSION,
    );
  }

  async #send(records: readonly OutgoingRecord[], { producerId, producerEpoch }: Identity): Promise<void> {
    const [first] = records as readonly [OutgoingRecord];
    // As the client names a partition here.
    const key = `${first.topic}:${first.partition}`;
    const options = {
      transactionalId: this.#id,
      producerId,
      producerEpoch,
      sequences: { getWithDefault: (name: string, none: number) => this.#sequences.get(name) ?? none },
      compression: compressionOf(records, this.#cluster.config.compression),
    };
    for (const run of runsOf(records.map(toMessage))) {
      await this.#sendRun(first, run, options);
      this.#sequences.set(key, (this.#sequences.get(key) ?? 0) + run.length);
    }
  }

  async #sendRun(of: OutgoingRecord, run: PlatformaticMessage[], options: ProduceOptions): Promise<void> {
    for (const until = performance.now() + TRANSACTION_TIMEOUT; ; ) {
      try {
        await send(this.#cluster, of, run, options);
        return;
      } catch (error) {
        // With the same sequence numbers, so that none is written twice.
        if (!MOVED.has(brokerCode(error)) || this.#ended || performance.now() > until - MOVED_PAUSE)
          throw error;
        await sleep(MOVED_PAUSE);
      }
    }
  }

  async #commitOffset(
    offset: HandOver['offset'],
    { generationId, memberId, instanceId }: Generation,
    { producerId, producerEpoch }: Identity,
  ): Promise<void> {
    const args = [
      this.#id,
      this.#groupId,
      producerId,
      producerEpoch,
      generationId,
      memberId,
      instanceId,
      offsetsByTopic([offset]),
    ] as const;
    const codeOf = (answer: Requests['txnOffsetCommit']['answer']) =>
      answer.topics[0]?.partitions[0]?.errorCode ?? 0;
    for (const until = performance.now() + TRANSACTION_TIMEOUT; ; ) {
      const answer = await this.#cluster.askCoordinator(
        GROUP,
        this.#groupId,
        'txnOffsetCommit',
        args,
        codeOf,
      );
      if (!COORDINATOR_MOVED.has(codeOf(answer)) || performance.now() > until) {
        checkCommitted(answer.topics, this.#groupId, instanceId);
        return;
      }
      await sleep(MOVED_PAUSE);
    }
  }

  async #end({ producerId, producerEpoch }: Identity, commit: boolean): Promise<void> {
    await this.#coordinator.ask(
      'endTxn',
      [this.#id, producerId, producerEpoch, commit],
      ({ errorCode }) => errorCode,
    );
  }

  async #while<T>(work: () => Promise<T>): Promise<T> {
    if (this.#ended !== undefined) throw closed();
    const running = work();
    this.#busy = running;
    return inTime(TRANSACTION_TIMEOUT, running, () => tooLate(CLIENT, 'a transaction', TRANSACTION_TIMEOUT));
  }
}
