import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { Velo, VeloConsumer } from '@velo/engine';
import { type EmbeddedBroker, startEmbeddedBroker } from '@velo/testkit';
import { until } from '@velo/testkit/binding';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AdapterInTest, adapters } from './support/adapters.js';
import { idOf, linksOf, TelemetryInTest } from './support/telemetry.js';

/** The way of one record, as its spans tell it. */
describe.each(adapters)('through $name', (adapter: AdapterInTest) => {
  let broker: EmbeddedBroker;
  let telemetry: TelemetryInTest;
  let velo: Velo;
  const logger = { info() {}, warn() {}, error() {} };

  beforeEach(async () => {
    broker = await startEmbeddedBroker();
    broker.createTopic('orders', { partitions: 1 });
    telemetry = new TelemetryInTest();
  });
  afterEach(async () => {
    await velo.close();
    await telemetry.end();
    await broker.stop();
  });

  const open = (producer: 'parent' | 'link' = 'parent') => {
    velo = adapter.createVelo(broker, { env: {}, logger, observers: [telemetry.observer({ producer })] });
  };

  const consume = async (config: Partial<Parameters<Velo['consumer']>[0]>): Promise<VeloConsumer> => {
    const consumer = velo.consumer({
      groupId: 'billing',
      topics: ['orders'],
      startFrom: 'earliest',
      client: adapter.client,
      ...config,
    } as Parameters<Velo['consumer']>[0]);
    await consumer.start();
    return consumer;
  };

  /** One span of that name; waits for it. */
  const one = async (name: string, nth = 0) => {
    await until(() => telemetry.named(name).length > nth);
    return telemetry.named(name)[nth] as NonNullable<ReturnType<TelemetryInTest['named']>[number]>;
  };

  it('a record has one trace: sent, tried, copied to a tier, tried, dead-lettered, replayed, handled', async () => {
    open();
    let isMended = false;
    const within: unknown[] = [];
    await consume({
      retry: { inPlace: { maxAttempts: 1 }, tiers: ['200ms'] },
      handler: async () => {
        await undefined;
        within.push(trace.getActiveSpan()?.spanContext());
        if (!isMended) throw Object.assign(new Error('down at 10.0.0.1'), { code: 'ECONNREFUSED' });
      },
    });
    const tracer = telemetry.tracerProvider.getTracer('test');
    await tracer.startActiveSpan('request', async (span) => {
      await velo.producer().send({ topic: 'orders', messages: [{ value: 'a' }] });
      span.end();
    });
    const tier = 'orders-billing-retry-200ms';
    const dlt = 'orders-billing-dlt';
    const buried = await one(`send ${dlt}`);
    isMended = true;
    await using letters = velo.deadLetters({ groupId: 'billing', client: adapter.client });
    await tracer.startActiveSpan('operator', async (span) => {
      expect(await letters.replay()).toMatchObject({ replayed: 1 });
      span.end();
    });
    const [request, sent, operator] = [await one('request'), await one('send orders'), await one('operator')];
    const [copied, replayed] = [await one(`send ${tier}`), await one(`send ${tier}`, 1)];
    const [first, second, last] = [
      await one('process orders'),
      await one(`process ${tier}`),
      await one(`process ${tier}`, 1),
    ];

    expect(parentOf(sent)).toBe(idOf(request.spanContext()));
    expect(sent).toMatchObject({ kind: SpanKind.PRODUCER, status: { code: SpanStatusCode.UNSET } });
    for (const each of [first, second, last]) {
      expect(each.kind).toBe(SpanKind.CONSUMER);
      expect(parentOf(each)).toBe(idOf(sent.spanContext()));
    }
    expect(within).toEqual([first, second, last].map((span) => span.spanContext()));
    expect(parentOf(copied)).toBe(idOf(first.spanContext()));
    expect(parentOf(buried)).toBe(idOf(second.spanContext()));
    expect(parentOf(replayed)).toBe(idOf(operator.spanContext()));
    const [producer, firstAttempt] = [idOf(sent.spanContext()), idOf(first.spanContext())];
    const sentBy = (span: typeof sent) => idOf(span.spanContext());
    expect([first, copied, second, buried, replayed, last].map(linksOf)).toEqual([
      {},
      { producer },
      { 'first-attempt': firstAttempt, sent: sentBy(copied) },
      { producer, sent: sentBy(copied) },
      { producer, sent: sentBy(buried) },
      { 'first-attempt': firstAttempt, sent: sentBy(replayed) },
    ]);
    expect(first).toMatchObject({
      status: { code: SpanStatusCode.ERROR },
      attributes: {
        'messaging.system': 'kafka',
        'messaging.operation.name': 'process',
        'messaging.operation.type': 'process',
        'messaging.destination.name': 'orders',
        'messaging.destination.partition.id': '0',
        'messaging.consumer.group.name': 'billing',
        'messaging.kafka.offset': 0,
        'messaging.message.body.size': 1,
        'error.type': 'ECONNREFUSED',
        'velo.record.id': 'orders/0/0',
        'velo.attempt': 1,
        'velo.attempts': 1,
        'velo.tier': 0,
        'velo.outcome': 'failure',
      },
      events: [{ name: 'exception', attributes: { 'exception.type': 'ECONNREFUSED' } }],
    });
    expect(last).toMatchObject({
      status: { code: SpanStatusCode.UNSET },
      attributes: { 'velo.record.id': 'orders/0/0', 'velo.outcome': 'success' },
    });
  });

  it('retries link to the first attempt: in place, in a tier, and in the next', async () => {
    open();
    await consume({
      retry: { inPlace: { maxAttempts: 2, strategy: fixed(10) }, tiers: ['200ms', '400ms'] },
      handler: () => {
        throw new Error('no luck');
      },
    });
    await velo.producer().send({ topic: 'orders', messages: [{ value: 'a' }] });
    await one('send orders-billing-dlt');
    const processed = telemetry.spans.filter(({ name }) => name.startsWith('process '));
    const [first, ...later] = processed.map((span) => idOf(span.spanContext()));
    expect(processed.map(({ name }) => name)).toEqual(
      ['orders', 'orders-billing-retry-200ms', 'orders-billing-retry-400ms'].flatMap((topic) => [
        `process ${topic}`,
        `process ${topic}`,
      ]),
    );
    expect(later).toHaveLength(5);
    const links = processed.map(linksOf);
    expect(links.map((link) => link['first-attempt'])).toEqual([undefined, ...later.map(() => first)]);
    const sends = ['orders-billing-retry-200ms', 'orders-billing-retry-400ms'].map(
      (topic) => telemetry.named(`send ${topic}`)[0],
    );
    expect(links.slice(2).map(({ sent }) => sent)).toEqual(
      [sends[0], sends[0], sends[1], sends[1]].map((span) => span && idOf(span.spanContext())),
    );
    expect(new Set(telemetry.spans.map((span) => span.spanContext().traceId))).toHaveProperty('size', 1);
    expect(processed.map(({ attributes }) => attributes['velo.attempts'])).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('a record that carries no context is followed from its first attempt on', async () => {
    open();
    const bare = adapter.createVelo(broker, { env: {}, logger });
    await bare.producer().send({ topic: 'orders', messages: [{ value: 'a' }] });
    await bare.close();
    await consume({
      retry: { inPlace: { maxAttempts: 1 }, tiers: ['200ms'] },
      handler: () => {
        throw new Error('no luck');
      },
    });
    await one('send orders-billing-dlt');
    const [first, second] = [await one('process orders'), await one('process orders-billing-retry-200ms')];
    const copied = await one('send orders-billing-retry-200ms');
    expect(first.parentSpanContext).toBeUndefined();
    expect(parentOf(copied)).toBe(idOf(first.spanContext()));
    expect(parentOf(second)).toBe(idOf(copied.spanContext()));
    expect(linksOf(second)['first-attempt']).toBe(idOf(first.spanContext()));
  });

  it("with producer: 'link' each attempt begins a trace, and links to what has made its record", async () => {
    open('link');
    await consume({ handler: () => {} });
    await velo.producer().send({ topic: 'orders', messages: [{ value: 'a' }] });
    const sent = await one('send orders');
    const first = await one('process orders');
    expect(first.parentSpanContext).toBeUndefined();
    expect(linksOf(first)).toEqual({ producer: idOf(sent.spanContext()) });
  });

  it('a batch has one span with a link to what has made each record', async () => {
    open();
    const producer = velo.producer();
    for (const value of ['a', 'b', 'c']) await producer.send({ topic: 'orders', messages: [{ value }] });
    let active: unknown;
    await consume({
      handler: undefined,
      batch: {
        maxWait: 300,
        handler: () => {
          active = trace.getSpan(context.active())?.spanContext();
        },
      },
    } as never);
    const batch = await one('process orders');
    expect(active).toEqual(batch.spanContext());
    expect(batch.parentSpanContext).toBeUndefined();
    expect(batch.attributes).toMatchObject({ 'messaging.batch.message_count': 3, 'velo.outcome': 'success' });
    expect(batch.links.map((link) => idOf(link.context))).toEqual(
      telemetry.named('send orders').map((span) => idOf(span.spanContext())),
    );
    expect(batch.links.map(({ attributes }) => attributes?.['messaging.kafka.offset'])).toEqual([0, 1, 2]);
  });
});

const fixed = (ms: number) => ({ kind: 'fixed', delay: () => ms });

function parentOf({
  parentSpanContext,
}: {
  readonly parentSpanContext?: { traceId: string; spanId: string };
}) {
  return parentSpanContext && idOf(parentSpanContext);
}
