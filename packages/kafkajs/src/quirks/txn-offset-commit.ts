// Part of member-offsets.ts, shown by test/transactions.test.ts.
import { int16, int32 } from '@velo/engine';
import { ByteReader } from './byte-reader.js';
import { list, NO_TAGS, readList, readText, skipTags, text } from './flexible-version.js';

/** kafkajs's own arguments of the request. */
export interface TxnOffsetCommit {
  readonly transactionalId: string;
  readonly groupId: string;
  readonly producerId: string | number;
  readonly producerEpoch: number;
  readonly topics: readonly {
    readonly topic: string;
    readonly partitions: readonly {
      readonly partition: number;
      readonly offset: string;
      readonly metadata?: string | null;
    }[];
  }[];
}

/** As kafkajs reads the older answers. */
interface TxnOffsetCommitAnswer {
  readonly throttleTime: number;
  readonly clientSideThrottleTime: number;
  readonly topics: readonly {
    readonly topic: string;
    readonly partitions: readonly { readonly partition: number; readonly errorCode: number }[];
  }[];
}

const UNKNOWN_LEADER_EPOCH = -1;

/**
 * TxnOffsetCommit, version 3, a flexible one, as Kafka's protocol guide has it. The header's tagged fields come first here,
 * since kafkajs writes the rest.
 */
export function encodeTxnOffsetCommit({
  transactionalId,
  groupId,
  producerId,
  producerEpoch,
  generationId,
  memberId,
  topics,
}: TxnOffsetCommit & { readonly generationId: number; readonly memberId: string }): Buffer {
  return Buffer.concat([
    NO_TAGS,
    text(transactionalId),
    text(groupId),
    int64(producerId),
    int16(producerEpoch),
    int32(generationId),
    text(memberId),
    // group.instance.id: kafkajs has no static members.
    text(null),
    list(
      topics.map(({ topic, partitions }) => [
        text(topic),
        list(
          partitions.map(({ partition, offset, metadata = null }) => [
            int32(partition),
            int64(offset),
            int32(UNKNOWN_LEADER_EPOCH),
            text(metadata),
          ]),
        ),
      ]),
    ),
    NO_TAGS,
  ]);
}

export function decodeTxnOffsetCommit(raw: Buffer): TxnOffsetCommitAnswer {
  const reader = new ByteReader(raw);
  skipTags(reader);
  const clientSideThrottleTime = reader.int32();
  const topics = readList(reader, () => ({
    topic: readText(reader),
    partitions: readList(reader, () => ({ partition: reader.int32(), errorCode: reader.int16() })),
  }));
  return { throttleTime: 0, clientSideThrottleTime, topics };
}

function int64(value: string | number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(value));
  return bytes;
}
