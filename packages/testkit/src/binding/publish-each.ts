import type { ClientBinding, OutgoingRecord, PublishOutcome } from '@velo/engine';

/** Records of several partitions at once: a batch is of one partition. One outcome for each, in the order given. */
export async function publishEach(
  client: ClientBinding,
  records: readonly OutgoingRecord[],
): Promise<readonly PublishOutcome[]> {
  return (await Promise.all(records.map((one) => client.publish([one])))).flat();
}
