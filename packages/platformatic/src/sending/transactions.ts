import { PartitionTransactions, transactionalId } from '@velo/engine';
import type { Cluster } from '../connection/cluster.js';
import type { Generation } from '../connection/offset-commits.js';
import { TransactionalProducer } from './transactional-producer.js';

/** How many fences run at once. */
const AT_ONCE = 20;

/** The transactions of one member, all by the same connections. */
export class Transactions extends PartitionTransactions<Generation> {
  constructor(cluster: Cluster, groupId: string) {
    super(
      AT_ONCE,
      ({ topic, partition }) =>
        new TransactionalProducer(cluster, groupId, transactionalId(groupId, topic, partition)),
    );
  }
}
