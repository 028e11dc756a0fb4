import { type Clock, exponential, isVeloError, retry, sleep } from '@velo/retry-core';
import type { ClientBinding } from '../binding/binding.js';
import { passes } from '../failures/client-error.js';

/** For partitions that a broker may not know of yet: 750 ms in all. */
const LOOKS = 4;
const STRATEGY = /* @__PURE__ */ exponential({ initial: 50, multiplier: 2, max: 400 });

/** So often a topic is asked to grow while that fails for what passes, as where the controller is being replaced: 8 s in all. */
const MOST_ASKS = 8;
const PAUSES = /* @__PURE__ */ exponential({ initial: 100, multiplier: 2, max: 2_500 });

export interface GrowthOptions {
  readonly client: Pick<ClientBinding, 'partitionCount' | 'createPartitions'>;
  readonly signal: AbortSignal;
  readonly clock: Clock;
}

/**
 * How many partitions a topic has of which somebody says that it has `partition`, too. Only the brokers' count is believed:
 * a rogue leader of the group may assign what is not there. A broker that does not know of new partitions yet is asked
 * again, for less than a second.
 */
export async function countBeyond(
  topic: string,
  partition: number,
  { client, signal, clock }: GrowthOptions,
): Promise<number> {
  for (let looks = 0; ; looks++) {
    const count = await client.partitionCount(topic);
    if (partition < count || looks === LOOKS) return count;
    await sleep(STRATEGY.delay(looks), signal, clock);
  }
}

/** Makes a topic as wide. @throws what it cannot be for */
export async function grow(
  topic: string,
  count: number,
  { client, signal, clock }: GrowthOptions,
): Promise<void> {
  const options = { strategy: PAUSES, maxAttempts: MOST_ASKS, retryIf: passes, signal, clock };
  await retry(() => client.createPartitions(topic, count), options).catch((error: unknown) => {
    throw isVeloError(error, 'VELO_RETRIES_EXHAUSTED') ? error.cause : error;
  });
}
