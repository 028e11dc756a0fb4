import { type Clock, exponential, sleep } from '@velo/retry-core';
import type { ClientBinding } from '../binding/binding.js';

/** For partitions that a broker may not know of yet: 750 ms in all. */
const LOOKS = 4;
const STRATEGY = /* @__PURE__ */ exponential({ initial: 50, multiplier: 2, max: 400 });

export interface GrowthOptions {
  readonly client: Pick<ClientBinding, 'partitionCount'>;
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
