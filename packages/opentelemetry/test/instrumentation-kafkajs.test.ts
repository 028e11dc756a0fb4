import { KafkaJsInstrumentation } from '@opentelemetry/instrumentation-kafkajs';
import { createVelo, type Velo } from '@velo/kafkajs';
import { type EmbeddedBroker, startEmbeddedBroker } from '@velo/testkit';
import { until } from '@velo/testkit/binding';
import * as kafkajs from 'kafkajs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { uninstrumented } from '../src/index.js';
import { kafkaOn } from './support/adapters.js';
import { TelemetryInTest } from './support/telemetry.js';

/** How long a handler takes, ms: far above what feeding takes. */
const WORK = 400;
const INSTRUMENTATION = '@opentelemetry/instrumentation-kafkajs';

let broker: EmbeddedBroker;
let telemetry: TelemetryInTest;
let velo: Velo;
let unpatch = () => {};

/** As the instrumentation does when kafkajs is loaded. */
function instrument(): void {
  const instrumentation = new KafkaJsInstrumentation();
  instrumentation.setTracerProvider(telemetry.tracerProvider);
  instrumentation.setMeterProvider(telemetry.meterProvider);
  const definition = [(instrumentation as unknown as { init(): Definition }).init()].flat()[0];
  definition?.patch(kafkajs);
  unpatch = () => definition?.unpatch(kafkajs);
}

interface Definition {
  patch(exports: unknown): unknown;
  unpatch(exports: unknown): unknown;
}

beforeEach(async () => {
  broker = await startEmbeddedBroker();
  broker.createTopic('orders', { partitions: 1 });
  telemetry = new TelemetryInTest();
  instrument();
});
afterEach(async () => {
  unpatch();
  await velo.close();
  await telemetry.end();
  await broker.stop();
});

async function handleOne(kafka: kafkajs.Kafka): Promise<void> {
  const logger = { info() {}, warn() {}, error() {} };
  velo = createVelo(kafka, { env: {}, logger, observers: [telemetry.observer()] });
  let handled = 0;
  const consumer = velo.consumer({
    groupId: 'billing',
    topics: ['orders'],
    startFrom: 'earliest',
    client: { maxWaitTimeInMs: 100 },
    handler: async () => {
      await new Promise((resolve) => setTimeout(resolve, WORK));
      handled++;
    },
  });
  await velo.producer().send({ topic: 'orders', messages: [{ value: 'a' }] });
  await consumer.start();
  await until(() => handled === 1);
}

/** How long the spans of one scope with that name took, ms. */
const durations = (scope: string, name: string) =>
  telemetry
    .named(name)
    .filter(({ instrumentationScope }) => instrumentationScope.name === scope)
    .map(({ duration: [seconds, nanos] }) => seconds * 1_000 + nanos / 1e6);

it('without velo’s observer, times the feeding of a lane and not the handler', async () => {
  await handleOne(kafkaOn(broker));
  await until(() => durations('@velo/opentelemetry', 'process orders').length === 1);
  const [handler] = durations('@velo/opentelemetry', 'process orders');
  const [feeding] = durations(INSTRUMENTATION, 'process orders');
  expect(handler).toBeGreaterThanOrEqual(WORK - 1);
  expect(feeding).toBeLessThan(WORK);
});

it('leaves out what is given to createVelo uninstrumented, and nothing else', async () => {
  const kafka = kafkaOn(broker);
  await handleOne(uninstrumented(kafka));
  await until(() => durations('@velo/opentelemetry', 'process orders').length === 1);
  expect(telemetry.spans.filter(({ instrumentationScope: { name } }) => name === INSTRUMENTATION)).toEqual(
    [],
  );
  const producer = kafka.producer();
  await producer.connect();
  await producer.send({ topic: 'orders', messages: [{ value: 'b' }] });
  await producer.disconnect();
  expect(durations(INSTRUMENTATION, 'send orders')).toHaveLength(1);
});

it('has nothing to do with a client that is not instrumented', async () => {
  unpatch();
  const kafka = kafkaOn(broker);
  const bare = uninstrumented(kafka);
  expect([bare.consumer, bare.producer]).toEqual([kafka.consumer, kafka.producer]);
  await handleOne(bare);
});
