import type { OutgoingRecord, PublishOutcome } from '@velo/engine';
import type { Cluster } from '../connection/cluster.js';
import { runsOf } from '../quirks/far-timestamps.js';
import { compressionOf, toMessage } from './messages.js';
import { send } from './send.js';

/** One outcome for each record of a batch of one partition, in the same order. Never rejects. */
export async function publish(
  cluster: Cluster,
  records: readonly OutgoingRecord[],
): Promise<readonly PublishOutcome[]> {
  const [first] = records;
  if (first === undefined) return [];
  const outcomes: PublishOutcome[] = [];
  try {
    const compression = compressionOf(records, cluster.config.compression);
    for (const run of runsOf(records.map(toMessage))) {
      const baseOffset = await send(cluster, first, run, { compression });
      outcomes.push(...run.map((_, i) => ({ written: true, offset: offsetAt(baseOffset, i) }) as const));
    }
    return outcomes;
  } catch (error) {
    return records.map((_, i) => outcomes[i] ?? { written: false, error });
  }
}

function offsetAt(baseOffset: bigint | undefined, index: number): string | undefined {
  return baseOffset === undefined ? undefined : String(baseOffset + BigInt(index));
}
