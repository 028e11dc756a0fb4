import { isOfOldFormat, type TopicPartition, withoutHeaders } from '@velo/engine';
import type { Address, PlatformaticMessage, ProduceOptions } from '../api.js';
import type { Cluster } from '../connection/cluster.js';
import { topicSettings } from '../connection/topic-settings.js';
import { CLIENT, check, unknownPartition } from '../errors.js';

/**
 * Writes messages of one partition with acks=all, to its leader by name: the client's own producer would write to
 * another partition where its metadata lacks this one.
 *
 * @returns the offset of the first one; undefined: the broker has not told it
 * @throws if the broker has not said that it has written to this very partition
 */
export async function send(
  cluster: Cluster,
  of: TopicPartition,
  messages: PlatformaticMessage[],
  options: ProduceOptions,
): Promise<bigint | undefined> {
  const { topic, partition } = of;
  const { timeout } = cluster.config;
  try {
    const leader = await cluster.leader(of);
    // The leader waits for its followers as long as it was told that it may.
    const answer = await cluster.ask(leader, 'produce', [-1, timeout, messages, options], {
      limit: 2 * timeout,
    });
    const written = answer.responses
      .find(({ name }) => name === topic)
      ?.partitionResponses.find(({ index }) => index === partition);
    if (written === undefined) throw unknownPartition(topic, partition);
    const { errorCode, errorMessage, baseOffset } = written;
    if (errorCode !== 0 && messages.some(({ headers }) => headers.size > 0)) {
      const ask = (setting: string) => settingOf(cluster, leader, topic, setting);
      if (await isOfOldFormat(errorCode, ask)) throw withoutHeaders(CLIENT, topic);
    }
    check(errorCode, `partition ${partition} of "${topic}"`, errorMessage);
    return baseOffset < 0n ? undefined : baseOffset;
  } catch (error) {
    // Whoever led it may lead it no more.
    cluster.forget(topic);
    throw error;
  }
}

async function settingOf(
  cluster: Cluster,
  leader: Address,
  topic: string,
  setting: string,
): Promise<string | null | undefined> {
  return (await topicSettings(cluster, leader, topic)).find(({ name }) => name === setting)?.value;
}
