import type { KafkaJs } from '../api.js';
import { eachBroker, inOtherBytes, withClusters } from './private-cluster.js';
import { decodeTxnOffsetCommit, encodeTxnOffsetCommit, type TxnOffsetCommit } from './txn-offset-commit.js';

/** Who commits: a member of a group, as the group's coordinator knows it. */
export interface MemberGeneration {
  readonly memberId: string;
  readonly generationId: number;
}

const TXN_OFFSET_COMMIT = 28;
/** The first one that names the member (KIP-447, Kafka 2.5). */
const VERSION = 3;

/**
 * The same kafkajs, whose transactions name the member that commits. By itself it leaves the member out, and the group's
 * coordinator takes the offsets from whoever has the transactional id: also from a member that was put out of the group
 * while it was frozen, over what an administrator has set meanwhile. Brokers that do not know the request get kafkajs's.
 *
 * Shown by `transactions.test.ts`, "of a member that the group has put out unnoticed".
 *
 * @param member asked at each commit; `undefined`: nobody
 */
export function memberOffsets(kafka: KafkaJs, member: () => MemberGeneration | undefined): KafkaJs {
  return withClusters(kafka, (cluster) =>
    eachBroker(cluster, (broker) => {
      const commit = broker.txnOffsetCommit;
      if (commit === undefined) return;
      broker.txnOffsetCommit = (offsets) => {
        const by = member();
        const known = Number(broker.versions?.[TXN_OFFSET_COMMIT]?.maxVersion) >= VERSION;
        if (by === undefined || !known) return commit.call(broker, offsets);
        const naming = inOtherBytes(broker, ({ response }, request) => ({
          apiVersion: VERSION,
          buffer: encodeTxnOffsetCommit({ ...(request as TxnOffsetCommit), ...by }),
          response: {
            decode: async (raw) => decodeTxnOffsetCommit(raw),
            parse: (decoded) => response.parse(decoded),
          },
        }));
        return commit.call(naming, offsets);
      };
    }),
  );
}

/** The same kafkajs, which tells its generation each time that the group's leader has dealt it its partitions. */
export function withGeneration(kafka: KafkaJs, told: (generation: MemberGeneration) => void): KafkaJs {
  return withClusters(kafka, (cluster) =>
    eachBroker(cluster, (broker) => {
      const sync = broker.syncGroup?.bind(broker);
      if (sync === undefined) return;
      broker.syncGroup = async (request) => {
        const answer = await sync(request);
        const { memberId, generationId } = request as MemberGeneration;
        told({ memberId, generationId });
        return answer;
      };
    }),
  );
}
