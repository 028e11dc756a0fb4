import type { OutgoingRecord, PublishOutcome } from '@velo/engine';
import type { Cluster } from '../connection/cluster.js';
import { compressionOf, toMessage } from './messages.js';
import { send } from './send.js';

/** One outcome for each record of a batch of one partition, in the same order. Never rejects. */
export async function publish(
  cluster: Cluster,
  records: readonly OutgoingRecord[],
): Promise<readonly PublishOutcome[]> {
  const [first] = records;
  if (first === undefined) return [];
  try {
    const compression = compressionOf(records, cluster.config.compression);
    const baseOffset = await send(cluster, first, records.map(toMessage), { compression });
    return records.map((_, i) => ({
      written: true,
      offset: baseOffset === undefined ? undefined : String(baseOffset + BigInt(i)),
    }));
  } catch (error) {
    return records.map(() => ({ written: false, error }));
  }
}
