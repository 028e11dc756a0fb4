// Shown by test/offset-metadata.test.ts.
import { CODES, codeOf, LibrdKafkaError, type RdKafkaTopicPartition } from '@velo/librdkafka';
import { foreignMessage } from '@velo/retry-core';
import type { ConfluentAdmin, ConfluentGroupOffset, ConfluentGroupOffsets } from '../api.js';

/** ms. Between two questions while transactions are ending. */
const ASK_EVERY = 20;
/** Nothing is committed; librdkafka says -1001. */
const NONE = -1;

/**
 * What a group has committed. A consumer's own answer would do, but of metadata it drops the last byte, which it takes for
 * the NUL that Confluent's clients write behind theirs: of what another client has written, a character would be missing. An
 * administrator gets them whole. He has a connection of his own: `createFrom` copies the lock of the client that it borrows,
 * and where somebody holds it in that moment, the copy is held for ever.
 *
 * @param timeout ms. For transactions that are ending, too
 */
export async function groupOffsets(
  admin: ConfluentAdmin,
  groupId: string,
  partitions: readonly RdKafkaTopicPartition[],
  timeout: number,
): Promise<readonly (RdKafkaTopicPartition | Error)[]> {
  const end = performance.now() + timeout;
  for (;;) {
    const found = await ask(admin, groupId, partitions, Math.max(1, Math.ceil(end - performance.now())));
    const unstable = found.some(({ error }) => codeOf(error) === CODES.UNSTABLE_OFFSET_COMMIT);
    if (!unstable || performance.now() >= end) return inOrder(partitions, found);
    await new Promise((resolve) => setTimeout(resolve, ASK_EVERY));
  }
}

function ask(
  admin: ConfluentAdmin,
  groupId: string,
  partitions: readonly RdKafkaTopicPartition[],
  timeout: number,
): Promise<readonly ConfluentGroupOffset[]> {
  return new Promise((resolve, reject) => {
    const asked = partitions.map(({ topic, partition }) => ({ topic, partition }));
    const options = { timeout, requireStableOffsets: true };
    admin.listConsumerGroupOffsets([{ groupId, partitions: asked }], options, (error, groups) => {
      const [group]: readonly (ConfluentGroupOffsets | undefined)[] = groups ?? [];
      const refused = error ?? group?.error;
      if (refused) reject(toError(refused));
      else resolve(group?.partitions ?? []);
    });
  });
}

function inOrder(
  partitions: readonly RdKafkaTopicPartition[],
  found: readonly ConfluentGroupOffset[],
): readonly (RdKafkaTopicPartition | Error)[] {
  return partitions.map(({ topic, partition }) => {
    const entry = found.find((each) => each.topic === topic && each.partition === partition);
    if (entry?.error) return toError(entry.error);
    return {
      topic,
      partition,
      offset: Math.max(NONE, entry?.offset ?? NONE),
      metadata: entry?.metadata ?? null,
    };
  });
}

/** Its answers hold errors that are none by their class. */
function toError(given: unknown): Error {
  return new LibrdKafkaError(codeOf(given) ?? CODES.UNKNOWN_SERVER_ERROR, foreignMessage(given), {
    cause: given,
  });
}
