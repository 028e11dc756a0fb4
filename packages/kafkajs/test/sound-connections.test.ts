import {
  type EmbeddedBroker,
  type FaultProxy,
  frameFaults,
  startEmbeddedBroker,
  startFaultProxy,
} from '@velo/testkit';
import type { Admin, Kafka } from 'kafkajs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { KafkaJs, KafkaJsAdmin } from '../src/api.js';
import { soundConnections } from '../src/quirks/sound-connections.js';
import { kafkaOn } from './support.js';

/** ms. More than an answer takes, and less than any of kafkajs's timeouts. */
const LIMIT = 6_000;

let broker: EmbeddedBroker;
let proxy: FaultProxy;
let kafka: Kafka;
let admin: Admin | KafkaJsAdmin | undefined;

beforeEach(async () => {
  broker = await startEmbeddedBroker();
  broker.createTopic('topic');
  proxy = await startFaultProxy({ target: Number(broker.brokers[0]?.split(':')[1]), renamesServer: true });
  kafka = kafkaOn({ brokers: [proxy.address] });
});
afterEach(async () => {
  await proxy.stop();
  await admin?.disconnect();
  await broker.stop();
});

/** Of an admin that was connected before the brokers went wrong. */
async function adminOf(from: KafkaJs): Promise<KafkaJsAdmin> {
  admin = from.admin();
  await admin.connect();
  await answer(admin);
  return admin;
}

async function answer(of: KafkaJsAdmin): Promise<number> {
  const { topics } = await of.fetchTopicMetadata({ topics: ['topic'] });
  return topics[0]?.partitions.length ?? 0;
}

function outcome(of: Promise<number>): Promise<string | number> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(resolve, LIMIT, 'no answer');
  });
  const end = of.catch(() => 'refused').finally(() => clearTimeout(timer));
  return Promise.race([end, late]);
}

it('bare kafkajs keeps silent for 24 days if one answer tells it to', async () => {
  const bare = await adminOf(kafka);
  proxy.spoil(frameFaults.throttled);
  expect(await outcome(answer(bare).then(() => answer(bare)))).toBe('no answer');
});

it('velo’s goes on', async () => {
  const sound = await adminOf(soundConnections(kafka));
  proxy.spoil(frameFaults.throttled);
  expect(await outcome(answer(sound).then(() => answer(sound)))).toBe(4);
});

it.each(['empty', 'short', 'negative', 'huge', 'cut'] as const)(
  'an answer that is %s costs the connection alone: the next one is sound',
  async (fault) => {
    const sound = await adminOf(soundConnections(kafka));
    proxy.spoil(frameFaults[fault]);
    expect(await outcome(answer(sound))).toBe('refused');
    await proxy.heal();
    expect(await outcome(answer(sound))).toBe(4);
  },
);

it('another kafkajs than velo knows stays as it is', () => {
  const other = {} as KafkaJs;
  expect(soundConnections(other)).toBe(other);
});
