import type { PartitionOffset } from '@velo/engine';
import { sleep } from '@velo/retry-core';
import type { ConsumerHandle } from '../connection/consumer-handle.js';
import { CODES, codeOf } from '../errors/codes.js';
import type { Polling } from './polling.js';

/** ms. */
const SEEK_LIMIT = 1_000;
/** ms. An assignment takes a moment to begin, and refuses to seek until then. */
const RETRY_WAIT = 10;
const MAX_SEEKS = 1_000;

/** Resolves when librdkafka is there, or when it is not wanted any more. */
export async function seekNow(
  handle: ConsumerHandle,
  polling: Polling,
  { topic, partition, offset }: PartitionOffset,
  isWanted: () => boolean,
): Promise<void> {
  for (let seeks = 1; isWanted(); seeks++) {
    try {
      await polling.between(() => {
        if (!isWanted()) return undefined;
        return handle.call((client, callback) =>
          client.seek({ topic, partition, offset }, SEEK_LIMIT, callback),
        );
      });
      return;
    } catch (error) {
      const code = codeOf(error);
      const notYet = code === CODES.STATE || code === CODES.PREV_IN_PROGRESS || code === CODES.TIMED_OUT;
      if (isWanted() && (!notYet || seeks === MAX_SEEKS)) throw error;
      await sleep(RETRY_WAIT);
    }
  }
}
