import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import * as conventions from '@opentelemetry/semantic-conventions/incubating';
import type { Velo } from '@velo/engine';
import { isVeloError, PermanentError } from '@velo/retry-core';
import { type EmbeddedBroker, startEmbeddedBroker } from '@velo/testkit';
import { until } from '@velo/testkit/binding';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as names from '../src/conventions.js';
import { type OpenTelemetryOptions, openTelemetry } from '../src/index.js';
import { type AdapterInTest, adapters } from './support/adapters.js';
import { TelemetryInTest } from './support/telemetry.js';

it('are named as the conventions have it', () => {
  expect({ ...names }).toMatchObject({
    ERROR_TYPE: conventions.ATTR_ERROR_TYPE,
    SYSTEM: conventions.ATTR_MESSAGING_SYSTEM,
    OPERATION_NAME: conventions.ATTR_MESSAGING_OPERATION_NAME,
    OPERATION_TYPE: conventions.ATTR_MESSAGING_OPERATION_TYPE,
    DESTINATION_NAME: conventions.ATTR_MESSAGING_DESTINATION_NAME,
    PARTITION_ID: conventions.ATTR_MESSAGING_DESTINATION_PARTITION_ID,
    CONSUMER_GROUP_NAME: conventions.ATTR_MESSAGING_CONSUMER_GROUP_NAME,
    BATCH_MESSAGE_COUNT: conventions.ATTR_MESSAGING_BATCH_MESSAGE_COUNT,
    BODY_SIZE: conventions.ATTR_MESSAGING_MESSAGE_BODY_SIZE,
    OFFSET: conventions.ATTR_MESSAGING_KAFKA_OFFSET,
    TOMBSTONE: conventions.ATTR_MESSAGING_KAFKA_MESSAGE_TOMBSTONE,
    PROCESS_DURATION: conventions.METRIC_MESSAGING_PROCESS_DURATION,
    CONSUMED_MESSAGES: conventions.METRIC_MESSAGING_CLIENT_CONSUMED_MESSAGES,
    SENT_MESSAGES: conventions.METRIC_MESSAGING_CLIENT_SENT_MESSAGES,
    OPERATION_DURATION: conventions.METRIC_MESSAGING_CLIENT_OPERATION_DURATION,
    KAFKA: conventions.MESSAGING_SYSTEM_VALUE_KAFKA,
    OTHER: conventions.ERROR_TYPE_VALUE_OTHER,
  });
});

it('are all in the README', async () => {
  const page = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const made: string[] = [];
  const meter = new Proxy(new MeterProvider().getMeter('x'), {
    get:
      (of, key) =>
      (name: string, ...more: unknown[]) => {
        if (String(key).startsWith('create')) made.push(name);
        return (of[key as keyof typeof of] as (...all: unknown[]) => unknown).call(of, name, ...more);
      },
  });
  const observer = openTelemetry({ meterProvider: { getMeter: () => meter } });
  observer.producer?.();
  expect(made.length).toBeGreaterThan(30);
  expect(made.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
});

describe.each(adapters)('through $name', (adapter: AdapterInTest) => {
  let broker: EmbeddedBroker;
  let telemetry: TelemetryInTest;
  let velo: Velo;

  beforeEach(async () => {
    broker = await startEmbeddedBroker();
    broker.createTopic('orders', { partitions: 1 });
    telemetry = new TelemetryInTest();
    options = {};
  });
  afterEach(async () => {
    await velo.close();
    await telemetry.end();
    await broker.stop();
  });

  let options: OpenTelemetryOptions = {};
  async function run(config: object, ...values: string[]): Promise<void> {
    const logger = { info() {}, warn() {}, error() {} };
    velo = adapter.createVelo(broker, { env: {}, logger, observers: [telemetry.observer(options)] });
    await velo
      .producer()
      .send({ topic: 'orders', messages: values.map((value) => ({ value, partition: 0 })) });
    const consumer = velo.consumer({
      groupId: 'billing',
      topics: ['orders'],
      startFrom: 'earliest',
      client: adapter.client,
      commitInterval: 100,
      ...config,
    } as never);
    await consumer.start();
  }

  it('measures attempts, requests and messages, in seconds, with the buckets of the conventions', async () => {
    let calls = 0;
    await run(
      {
        retry: { inPlace: { maxAttempts: 1 }, tiers: ['200ms'] },
        handlerTimeout: '50ms',
        handler: (record: { value: Buffer }) => {
          calls++;
          if (String(record.value) === 'bad') throw new PermanentError('x');
          if (String(record.value) === 'slow') return new Promise(() => {});
        },
      },
      'good',
      'bad',
      'slow',
    );
    await until(() => telemetry.named('send orders-billing-dlt').length === 2);
    expect(calls).toBe(4);

    const group = { 'messaging.consumer.group.name': 'billing' };
    const process = {
      ...group,
      'messaging.system': 'kafka',
      'messaging.operation.name': 'process',
      'messaging.destination.name': 'orders',
      'messaging.destination.partition.id': '0',
    };
    const durations = await telemetry.metric('messaging.process.duration');
    expect(durations).toMatchObject({
      unit: 's',
      boundaries: [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
    });
    const ofOrders = durations?.points.filter(
      ({ attributes }) => attributes['messaging.destination.name'] === 'orders',
    );
    expect(ofOrders?.map(({ attributes, value }) => [attributes, value])).toEqual(
      expect.arrayContaining([
        [process, 1],
        [{ ...process, 'error.type': 'VELO_PERMANENT' }, 1],
        [{ ...process, 'error.type': 'VELO_HANDLER_TIMEOUT' }, 1],
      ]),
    );
    const slow = durations?.points.find(
      ({ attributes }) => attributes['error.type'] === 'VELO_HANDLER_TIMEOUT',
    );
    expect(slow?.sum).toBeGreaterThanOrEqual(0.049);
    expect(slow?.sum).toBeLessThan(10);

    expect(await telemetry.points('messaging.client.consumed.messages')).toContainEqual({
      attributes: { ...process, 'messaging.operation.name': 'poll' },
      value: 3,
      sum: undefined,
    });
    const sent = (await telemetry.points('messaging.client.sent.messages')).map(({ attributes, value }) => [
      attributes['messaging.destination.name'],
      attributes['messaging.operation.name'],
      attributes['messaging.consumer.group.name'],
      value,
    ]);
    expect(sent).toContainEqual(['orders', 'send', undefined, 3]);
    expect(sent).toContainEqual(['orders-billing-retry-200ms', 'send', 'billing', 1]);
    expect(
      sent.filter(([topic]) => topic === 'orders-billing-dlt').reduce((sum, [, , , n]) => sum + Number(n), 0),
    ).toBe(2);

    await expect.poll(operations, { timeout: 10_000 }).toContain('commit settle undefined');
    expect(await operations()).toContain('send send undefined');

    const attempts = (await telemetry.points('velo.attempts')).map(
      ({ attributes: { 'messaging.consumer.group.name': _, ...attributes }, value }) => [attributes, value],
    );
    expect(attempts).toHaveLength(4);
    expect(attempts).toEqual(
      expect.arrayContaining([
        [{ ...ofTopic('orders', 0), 'velo.first_attempt': true, 'velo.outcome': 'success' }, 1],
        [
          {
            ...ofTopic('orders', 0),
            'velo.first_attempt': true,
            'velo.outcome': 'failure',
            'velo.error.category': 'Unknown',
          },
          1,
        ],
        [
          {
            ...ofTopic('orders', 0),
            'velo.first_attempt': true,
            'velo.outcome': 'timeout',
            'velo.error.category': 'NetworkIssue',
          },
          1,
        ],
        [
          {
            ...ofTopic('orders-billing-retry-200ms', 1),
            'velo.first_attempt': false,
            'velo.outcome': 'timeout',
            'velo.error.category': 'NetworkIssue',
          },
          1,
        ],
      ]),
    );
    expect(
      (await telemetry.points('velo.dead_letters')).map(({ attributes, value }) => [
        attributes['velo.reason'],
        value,
      ]),
    ).toEqual(
      expect.arrayContaining([
        ['permanent', 1],
        ['exhausted', 1],
      ]),
    );
    expect(
      (await telemetry.points('velo.copies')).map(({ attributes, value }) => [
        attributes['velo.copy.kind'],
        value,
      ]),
    ).toEqual(
      expect.arrayContaining([
        ['tier', 1],
        ['dead-letter', 2],
      ]),
    );
  });

  it('shows what consumers have at hand, source and tiers apart, until they have stopped', async () => {
    let end: (() => void) | undefined;
    await run(
      {
        retry: { inPlace: { maxAttempts: 1 }, tiers: ['1h'] },
        handler: ({ value }: { value: Buffer }) => {
          if (String(value) === 'bad') throw new Error('x');
          return new Promise<void>((resolve) => {
            end = resolve;
          });
        },
      },
      'bad',
      'slow',
      'next',
    );
    await until(() => end !== undefined, 20_000);
    const group = { 'messaging.consumer.group.name': 'billing' };
    const source = { ...group, 'messaging.destination.name': 'orders' };
    const first = { ...source, 'velo.tier': 0 };
    const gauge = async (name: string, attributes: object) =>
      (await telemetry.points(name)).find((point) => isDeepStrictEqual(point.attributes, attributes))?.value;

    expect(await gauge('velo.handlers.running', first)).toBe(1);
    expect(await gauge('velo.lag', { ...first, 'messaging.destination.partition.id': '0' })).toBe(2);
    const tier = { ...group, 'messaging.destination.name': 'orders-billing-retry-1h', 'velo.tier': 1 };
    await expect.poll(() => gauge('velo.buffered.records', tier), { timeout: 20_000 }).toBe(1);
    expect(await gauge('velo.partitions.assigned', first)).toBe(1);
    expect(await gauge('velo.consumer.state', { ...group, 'velo.state': 'running' })).toBe(1);
    expect(await gauge('velo.consumer.state', { ...group, 'velo.state': 'dead' })).toBe(0);
    expect(await gauge('velo.held', { ...source, 'velo.reason': 'guard' })).toBe(0);
    expect((await telemetry.metric('velo.handlers.oldest'))?.unit).toBe('s');

    const closing = velo.close();
    end?.();
    await until(() => end !== undefined, 20_000);
    await closing;
    for (const name of ['velo.consumer.state', 'velo.lag', 'velo.partitions.assigned'])
      expect((await telemetry.points(name)).filter(({ value }) => value !== 0)).toEqual([]);
  });

  it('adds partitions up where metrics do not tell them apart', async () => {
    broker.createTopic('parcels', { partitions: 3 });
    options = { partitions: false };
    await run({ topics: ['parcels'], handler: () => {} });
    const points = () => telemetry.points('velo.lag');
    await expect.poll(async () => (await points()).length, { timeout: 20_000 }).toBe(1);
    expect((await points())[0]?.attributes).not.toHaveProperty('messaging.destination.partition.id');
  });

  it('takes durations out of the meter where velo counts them', async () => {
    options = { durations: telemetry.durations };
    await run({ handler() {} }, 'a', 'b', 'c');
    await until(() => telemetry.named('process orders').length === 3);
    const { resourceMetrics } = await telemetry.reader.collect();
    const told = resourceMetrics.scopeMetrics
      .flatMap(({ metrics }) => metrics)
      .filter(({ descriptor }) => descriptor.name === 'messaging.process.duration');
    expect(told).toHaveLength(1);
    expect(await telemetry.points('messaging.process.duration')).toMatchObject([
      { attributes: { 'messaging.destination.name': 'orders' }, value: 3 },
    ]);
  });

  it('counts the records of a batch one by one, and times the batch once', async () => {
    await run({ batch: { maxWait: 300, handler() {} } }, 'a', 'b', 'c');
    await until(() => telemetry.named('process orders').length > 0);
    expect(await telemetry.points('velo.attempts')).toMatchObject([{ value: 3 }]);
    expect(await telemetry.points('messaging.process.duration')).toMatchObject([{ value: 1 }]);
  });

  const operations = async () =>
    (await telemetry.points('messaging.client.operation.duration')).map(({ attributes }) =>
      [
        attributes['messaging.operation.name'],
        attributes['messaging.operation.type'],
        attributes['error.type'],
      ]
        .join(' ')
        .replace(/ $/, ' undefined'),
    );
});

const ofTopic = (topic: string, tier: number) => ({ 'messaging.destination.name': topic, 'velo.tier': tier });

it.each([
  { options: { meterProvider: {} }, names: 'meterProvider' },
  { options: { tracerProvider: 1 }, names: 'tracerProvider' },
  { options: { propagator: {} }, names: 'propagator' },
  { options: { producer: 'child' }, names: 'producer' },
  { options: { partitions: 1 }, names: 'partitions' },
  { options: { durations: { collect() {} } }, names: 'durations' },
  { options: { meterprovider: {} }, names: 'meterProvider' },
])('refuses $options', ({ options, names }) => {
  let thrown: unknown;
  try {
    openTelemetry(options as never);
  } catch (error) {
    thrown = error;
  }
  expect(isVeloError(thrown, 'VELO_INVALID_OPTION')).toBe(true);
  expect(String(thrown)).toContain(names);
});
