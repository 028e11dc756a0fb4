// Part of member-offsets.ts, shown by test/transactions.test.ts.
import { ByteReader } from './byte-reader.js';
import { int16, int32 } from './consumer-protocol.js';

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

/** No tagged fields. */
const NO_TAGS = Buffer.of(0);
const UNKNOWN_LEADER_EPOCH = -1;

/**
 * TxnOffsetCommit, version 3, as Kafka's protocol guide has it. It is a flexible version: lengths are varints of one
 * more, and tagged fields end the header and each structure. The header's come first here, since kafkajs writes the rest.
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
    topic: reader.text(reader.uvarint() - 1),
    partitions: readList(reader, () => ({ partition: reader.int32(), errorCode: reader.int16() })),
  }));
  return { throttleTime: 0, clientSideThrottleTime, topics };
}

/** An item takes a byte at least, so a forged length ends with the bytes. */
function readList<T>(reader: ByteReader, item: () => T): T[] {
  const items: T[] = [];
  for (let left = reader.uvarint() - 1; left > 0 && reader.left > 0; left--) {
    items.push(item());
    skipTags(reader);
  }
  return items;
}

function skipTags(reader: ByteReader): void {
  for (let left = reader.uvarint(); left > 0 && reader.left > 0; left--) {
    reader.uvarint();
    reader.skip(reader.uvarint());
  }
}

function list(items: readonly (readonly Buffer[])[]): Buffer {
  return Buffer.concat([uvarint(items.length + 1), ...items.flatMap((item) => [...item, NO_TAGS])]);
}

function text(value: string | null): Buffer {
  if (value === null) return uvarint(0);
  const bytes = Buffer.from(value);
  return Buffer.concat([uvarint(bytes.length + 1), bytes]);
}

function uvarint(value: number): Buffer {
  const bytes: number[] = [];
  let left = value;
  for (; left >= 0x80; left = Math.floor(left / 0x80)) bytes.push((left % 0x80) | 0x80);
  return Buffer.of(...bytes, left);
}

function int64(value: string | number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(value));
  return bytes;
}
