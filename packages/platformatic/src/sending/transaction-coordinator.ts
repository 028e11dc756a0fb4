import { TRANSACTION_TIMEOUT } from '@velo/engine';
import { sleep } from '@velo/retry-core';
import { type Cluster, TRANSACTION } from '../connection/cluster.js';
import { brokerCode, COORDINATOR_MOVED, check } from '../errors.js';
import type { RequestName, Requests } from '../requests.js';

/** CONCURRENT_TRANSACTIONS: the brokers still write the markers of the one before. */
const CONCURRENT_TRANSACTIONS = 51;
const COORDINATOR_NOT_AVAILABLE = 15;
/** ms. For the markers. */
const MARKERS_PAUSE = 10;
/** ms. For what has moved. */
export const MOVED_PAUSE = 100;

/** Whoever coordinates the transactions of one id. */
export class TransactionCoordinator {
  readonly #cluster: Cluster;
  readonly #id: string;
  readonly #isOver: () => boolean;

  /** @param isOver nobody waits any more */
  constructor(cluster: Cluster, transactionalId: string, isOver: () => boolean) {
    this.#cluster = cluster;
    this.#id = transactionalId;
    this.#isOver = isOver;
  }

  /**
   * Asks again where the coordinator has moved, or is not done with the transaction before: what it is asked is no other the
   * second time.
   *
   * @throws what it refuses
   */
  async ask<N extends RequestName>(
    name: N,
    args: Requests[N]['args'],
    codeOf: (answer: Requests[N]['answer']) => number,
    version?: number,
  ): Promise<Requests[N]['answer']> {
    for (const until = performance.now() + TRANSACTION_TIMEOUT; ; ) {
      const isLate = performance.now() >= until;
      const answer = await this.#cluster
        .askCoordinator(TRANSACTION, this.#id, name, args, codeOf, { version })
        .catch((error: unknown) => {
          const code = brokerCode(error) ?? COORDINATOR_NOT_AVAILABLE;
          if (isLate || this.#isOver() || !COORDINATOR_MOVED.has(code)) throw error;
          return undefined;
        });
      const code = answer === undefined ? COORDINATOR_NOT_AVAILABLE : codeOf(answer);
      const again = code === CONCURRENT_TRANSACTIONS || COORDINATOR_MOVED.has(code);
      if (answer !== undefined && (!again || isLate)) {
        check(code, `transactional id "${this.#id}"`);
        return answer;
      }
      await sleep(code === CONCURRENT_TRANSACTIONS ? MARKERS_PAUSE : MOVED_PAUSE);
    }
  }
}
