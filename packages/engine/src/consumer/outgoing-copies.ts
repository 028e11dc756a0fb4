import type { Clock } from '@velo/retry-core';
import type {
  ClientBinding,
  HandOver,
  OutgoingRecord,
  PublishOutcome,
  TransactionFailure,
} from '../binding/binding.js';
import { encodeHeaders } from '../binding/header-codec.js';
import { tooLarge } from '../sending/request-size.js';
import { UnansweredSends } from '../sending/unanswered-sends.js';
import type { Topology } from '../topology/topology.js';

export interface OutgoingCopiesOptions {
  readonly client: ClientBinding;
  readonly topology: Topology;
  readonly clock: Clock;
}

/**
 * Makes copies ready for the client, right before each send: sees to their topic, which may have to grow, and encodes
 * the headers that the client cannot carry.
 */
export class OutgoingCopies {
  readonly #options: OutgoingCopiesOptions;
  readonly unanswered: UnansweredSends;

  constructor(options: OutgoingCopiesOptions) {
    this.#options = options;
    this.unanswered = new UnansweredSends(options.client, options.clock);
  }

  /**
   * Sends copies by themselves, all to one partition.
   *
   * @throws {VeloError} `VELO_TOPOLOGY` if there is no hope for their topic
   */
  async publish(copies: readonly OutgoingRecord[]): Promise<readonly PublishOutcome[]> {
    const { client, topology } = this.#options;
    await topology.ready((copies[0] as OutgoingRecord).topic);
    const outcomes = await client.publish(copies.map((copy) => this.#fit(copy)));
    return this.unanswered.judgeAll(copies, outcomes);
  }

  /**
   * Makes copies ready for a transaction. Resolves with a failure if a topic or a copy stands in its way. Never
   * rejects.
   */
  async ready({ offset, copies }: HandOver): Promise<HandOver | TransactionFailure> {
    const { client, topology } = this.#options;
    for (const topic of new Set(copies.map((copy) => copy.topic))) {
      try {
        await topology.ready(topic);
      } catch (error) {
        const suspects = [...copies.keys()].filter((i) => copies[i]?.topic === topic);
        return { committed: false, error, suspects };
      }
    }
    for (const [i, copy] of copies.entries()) {
      const error = tooLarge(copy, client.capabilities);
      if (error !== undefined) return { committed: false, error, suspects: [i] };
    }
    return { offset, copies: copies.map((copy) => this.#fit(copy)) };
  }

  /** Stamps the copy by the clock that its due time is reckoned by. */
  #fit(copy: OutgoingRecord): OutgoingRecord {
    const { client, topology, clock } = this.#options;
    return {
      ...copy,
      timestamp: clock.wallTime(),
      partition: topology.partitionFor(copy.topic, copy.partition),
      headers: encodeHeaders(copy.headers, client.capabilities),
    };
  }
}
