import { type Clock, explainKafkaError, shellWord, sleep, VeloError } from '@velo/retry-core';
import type { ClientBinding, TopicDescription, TopicSpec } from '../binding/binding.js';
import { refusesConfig } from '../failures/client-error.js';
import { ledgerTopic } from '../plan/topic-names.js';
import { keptForTier, ROOM_FOR_COPIES } from '../topology/own-topics.js';
import { asking } from './survey.js';

interface Maker {
  readonly client: ClientBinding;
  readonly clock: Clock;
}

/** Brokers tell each other of a new topic within this time, ms. */
const APPEAR_LIMIT = 15_000;
const LOOK_EVERY = 100;

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
    ...(await asSafeAs(client, deadLetters, { 'cleanup.policy': 'compact' })),
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
  const spec = { topic, partitions, ...(await asSafeAs(maker.client, source, configs)) };
  return make(spec, `dead letters of ${source} go back to their group there`, maker);
}

/** As replicated as another topic, where the brokers tell of it. */
async function asSafeAs(
  client: ClientBinding,
  other: string,
  own: Readonly<Record<string, string>>,
): Promise<Pick<TopicSpec, 'replicationFactor' | 'configs'>> {
  const { replicationFactor = -1, configs } = await client
    .describeTopic(other)
    .catch((): TopicDescription => ({}));
  const insync = configs?.['min.insync.replicas'];
  return {
    replicationFactor,
    configs: { ...own, ...(insync !== undefined && { 'min.insync.replicas': insync }) },
  };
}

async function make(spec: TopicSpec, why: string, { client, clock }: Maker): Promise<number> {
  const { topic, partitions } = spec;
  try {
    await client.createTopics([spec]).catch(async (error: unknown) => {
      if (!refusesConfig(error)) throw error;
      const { 'max.message.bytes': _, ...configs } = spec.configs ?? {};
      await client.createTopics([{ ...spec, configs }]);
    });
    for (const start = clock.now(); ; await sleep(LOOK_EVERY, undefined, clock)) {
      const count = await client.partitionCount(topic);
      if (count > 0) return count;
      if (clock.now() - start > APPEAR_LIMIT) throw new Error(`${topic} was created, and has not appeared`);
    }
  } catch (error) {
    const options = Object.entries(spec.configs ?? {}).map(([name, value]) => `--config ${name}=${value}`);
    throw new VeloError(
      'VELO_TOPOLOGY',
      `The topic ${topic} could not be created: ${why}. Nothing was replayed or discarded without it. Create it, or allow Create on it:\nkafka-topics.sh --bootstrap-server HOST:PORT --create --topic ${shellWord(topic)} --partitions ${partitions} ${options.join(' ')}\n${explainKafkaError(error, { topic, partitions })}`,
      { cause: error },
    );
  }
}
