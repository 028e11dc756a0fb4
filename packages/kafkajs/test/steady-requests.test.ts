import {
  type EmbeddedBroker,
  type FaultProxy,
  frameFaults,
  startEmbeddedBroker,
  startFaultProxy,
} from '@velo/testkit';
import { sleep } from '@velo/testkit/binding';
import { type Admin, Kafka, logLevel } from 'kafkajs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { KafkaJs } from '../src/api.js';
import { soundConnections } from '../src/quirks/sound-connections.js';
import { steadyRequests } from '../src/quirks/steady-requests.js';

const HOUR = 3_600_000;
/** ms. kafkajs's `requestTimeout`. */
const REQUEST_TIMEOUT = 1_000;
/** ms. More than a request takes that times out, or that is throttled for a second. */
const LIMIT = 5_000;

let broker: EmbeddedBroker;
let proxy: FaultProxy;
let admin: Admin;
/** Of requests. */
let timeouts: number;

beforeEach(async () => {
  broker = await startEmbeddedBroker();
  broker.createTopic('topic');
  proxy = await startFaultProxy({ target: Number(broker.brokers[0]?.split(':')[1]), renamesServer: true });
});
afterEach(async () => {
  vi.restoreAllMocks();
  await proxy.stop();
  await admin.disconnect();
  await broker.stop();
});

/** Connected, of kafkajs as `change` makes it. */
async function connect(change: (kafka: KafkaJs) => KafkaJs): Promise<void> {
  const kafka = new Kafka({
    brokers: [proxy.address],
    logLevel: logLevel.NOTHING,
    requestTimeout: REQUEST_TIMEOUT,
    retry: { retries: 0 },
  });
  admin = (change(kafka) as Kafka).admin();
  timeouts = 0;
  admin.on(admin.events.REQUEST_TIMEOUT, () => timeouts++);
  await admin.connect();
  expect(await ask()).toBe('answered');
}

function ask(): Promise<string> {
  const answer = admin.fetchTopicMetadata({ topics: ['topic'] }).then(
    () => 'answered',
    () => 'refused',
  );
  return Promise.race([answer, sleep(LIMIT).then(() => 'nothing')]);
}

/** @param by ms */
function setWallClock(by: number): void {
  const now = Date.now.bind(Date);
  vi.spyOn(Date, 'now').mockImplementation(() => now() + by);
}

const bare = (kafka: KafkaJs) => soundConnections(kafka);
const velos = (kafka: KafkaJs) => steadyRequests(soundConnections(kafka));

describe('when the wall clock is set back', () => {
  const askWhatIsLost = async () => {
    proxy.swallow('to-client');
    const asked = ask();
    await sleep(REQUEST_TIMEOUT / 4);
    setWallClock(-HOUR);
    return asked;
  };

  it('a request whose answer is lost never times out in bare kafkajs', async () => {
    await connect(bare);
    expect([await askWhatIsLost(), timeouts]).toEqual(['nothing', 0]);
  });

  it('it does by velo’s', async () => {
    await connect(velos);
    expect([await askWhatIsLost(), timeouts]).toEqual(['refused', 1]);
  });

  const askWhoThrottles = async () => {
    proxy.spoil(frameFaults.throttled);
    expect(await ask()).toBe('answered');
    setWallClock(-HOUR);
    return ask();
  };

  it('a bare kafkajs that was throttled sends nothing more', async () => {
    await connect(bare);
    expect(await askWhoThrottles()).toBe('nothing');
  });

  it('velo’s goes on', async () => {
    await connect(velos);
    expect(await askWhoThrottles()).toBe('answered');
  });
});

describe('when the wall clock is set forward', () => {
  const askWhoIsSlow = async () => {
    proxy.delay(REQUEST_TIMEOUT / 5);
    const asked = ask();
    await sleep(REQUEST_TIMEOUT / 20);
    setWallClock(HOUR);
    return asked;
  };

  it('what is under way times out in bare kafkajs', async () => {
    await connect(bare);
    expect([await askWhoIsSlow(), timeouts]).toEqual(['refused', 1]);
  });

  it('it is answered by velo’s', async () => {
    await connect(velos);
    expect([await askWhoIsSlow(), timeouts]).toEqual(['answered', 0]);
  });
});

it('another kafkajs than velo knows stays as it is', () => {
  const other = {} as KafkaJs;
  expect(steadyRequests(other)).toBe(other);
});
