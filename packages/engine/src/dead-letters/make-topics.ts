import { type Clock, explainKafkaError, shellWord, VeloError } from '@velo/retry-core';
import type { ClientBinding, TopicDescription, TopicSpec } from '../binding/binding.js';
import { refusesConfig } from '../failures/client-error.js';
import { ledgerTopic } from '../plan/topic-names.js';
import { asSafeAs, keptForTier, ROOM_FOR_COPIES } from '../topology/own-topics.js';
import { waitForTopic } from '../topology/wait-for-topic.js';
import { asking } from './survey.js';

interface Maker {
  readonly client: ClientBinding;
  readonly clock: Clock;
}

/**
 * Sees to the ledger of dead letters: there, and as wide as they are.
 *
 * @returns its partitions
 * @throws {VeloError} `VELO_TOPOLOGY`
 */
export async function ensureLedger(deadLetters: string, partitions: number, maker: Maker): Promise<number> {
  const { client } = maker;
  const topic = ledgerTopic(deadLetters);
  const found = await asking().run(() => client.partitionCount(topic));
  if (found >= partitions) return found;
  if (found > 0) {
    // A ledger that is too narrow will do: its entries tell their partition.
    return client.createPartitions(topic, partitions).then(
      () => partitions,
      () => found,
    );
  }
  const spec = {
    topic,
    partitions,
    ...(await safeAs(client, deadLetters, { 'cleanup.policy': 'compact' })),
  };
  return make(spec, `what was replayed and discarded of ${deadLetters} is written there`, maker);
}

/**
 * Makes a replay topic after its source.
 *
 * @returns its partitions
 * @throws {VeloError} `VELO_TOPOLOGY`
 */
export async function makeReplayTopic(
  topic: string,
  partitions: number,
  source: string,
  maker: Maker,
): Promise<number> {
  const configs = {
    'cleanup.policy': 'delete',
    'retention.ms': String(keptForTier(0)),
    'max.message.bytes': String(ROOM_FOR_COPIES),
  };
  const spec = { topic, partitions, ...(await safeAs(maker.client, source, configs)) };
  return make(spec, `dead letters of ${source} go back to their group there`, maker);
}

/** The topic's own settings, and what is as safe as another one has it. */
async function safeAs(
  client: ClientBinding,
  other: string,
  own: Readonly<Record<string, string>>,
): Promise<Pick<TopicSpec, 'replicationFactor' | 'configs'>> {
  const described = await client.describeTopic(other).catch((): TopicDescription => ({}));
  const { replicationFactor, configs } = asSafeAs([described]);
  return { replicationFactor, configs: { ...own, ...configs } };
}

async function make(spec: TopicSpec, why: string, { client, clock }: Maker): Promise<number> {
  const { topic, partitions } = spec;
  try {
    await client.createTopics([spec]).catch(async (error: unknown) => {
      if (!refusesConfig(error)) throw error;
      const { 'max.message.bytes': _, ...configs } = spec.configs ?? {};
      await client.createTopics([{ ...spec, configs }]);
    });
    const { replicationFactor = -1 } = spec;
    return await waitForTopic(client, topic, {
      timeout: 0,
      clock,
      partitions,
      replicationFactor,
      created: true,
    });
  } catch (error) {
    const options = Object.entries(spec.configs ?? {}).map(([name, value]) => `--config ${name}=${value}`);
    throw new VeloError(
      'VELO_TOPOLOGY',
      `The topic ${topic} could not be created: ${why}. Nothing was replayed or discarded without it. Create it, or allow Create on it:\nkafka-topics.sh --bootstrap-server HOST:PORT --create --topic ${shellWord(topic)} --partitions ${partitions} ${options.join(' ')}\n${explainKafkaError(error, { topic, partitions })}`,
      { cause: error },
    );
  }
}
