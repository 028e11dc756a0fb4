import type { PartitionOffset } from '@velo/engine';
import { type Cluster, GROUP } from '../connection/cluster.js';
import { checkCommitted, type Generation, offsetsByTopic } from '../connection/offset-commits.js';

/** Under that generation: the brokers refuse it once another one has begun. Rejects, or is made. */
export async function commitOffsets(
  cluster: Cluster,
  groupId: string,
  { generationId, memberId, instanceId }: Generation,
  offsets: readonly PartitionOffset[],
): Promise<void> {
  const { topics } = await cluster.askCoordinator(
    GROUP,
    groupId,
    'offsetCommit',
    [groupId, generationId, memberId, instanceId, offsetsByTopic(offsets)],
    (answer) => answer.topics[0]?.partitions[0]?.errorCode ?? 0,
  );
  checkCommitted(topics, groupId, instanceId);
}
