import type { ClientBinding } from '@velo/engine';
import { bindingTest, record, Told, uniqueName } from '@velo/testkit/binding';
import { describe, expect, it as plain } from 'vitest';
import { createVelo } from '../src/index.js';
import { clientOn, rdkafka } from './support.js';

const it = bindingTest(rdkafka);

/** ms. librdkafka's refusals come before it looks for a broker. */
const AT_ONCE = 1_000;

const withSasl = (more: object) => ({ 'security.protocol': 'sasl_plaintext', ...more });

/** What librdkafka refuses only when it makes a client, with a part of its words. */
const REFUSED_BY_ALL: readonly (readonly [properties: object, words: RegExp])[] = [
  [withSasl({ 'sasl.mechanisms': 'SCRAM-SHA-256' }), /sasl\.username and sasl\.password must be set/],
  [
    withSasl({ 'sasl.mechanisms': 'PLAIN', 'sasl.username': 'u' }),
    /sasl\.username and sasl\.password must be set/,
  ],
  [withSasl({ 'sasl.mechanisms': 'GSSAPI' }), /No provider for SASL mechanism GSSAPI: recompile librdkafka/],
  [{ 'security.protocol': 'ssl', 'ssl.ca.location': '/no.pem' }, /ssl\.ca\.location failed: error:/],
  [{ 'security.protocol': 'ssl', 'ssl.key.location': '/no.key' }, /ssl\.key\.location failed: error:/],
  [
    { 'security.protocol': 'ssl', 'ssl.certificate.location': '/no' },
    /ssl\.certificate\.location failed: error:/,
  ],
  [{ 'security.protocol': 'ssl', 'ssl.cipher.suites': 'none' }, /ssl\.cipher\.suites failed/],
  [{ 'ssl.keystore.location': '/no.p12' }, /ssl\.keystore\.password/],
  [{ 'reconnect.backoff.ms': 500, 'reconnect.backoff.max.ms': 100 }, /reconnect\.backoff\.max\.ms/],
];

const REFUSED_BY_CONSUMERS: typeof REFUSED_BY_ALL = [
  [{ 'fetch.max.bytes': 1_000, 'message.max.bytes': 2_000_000 }, /fetch\.max\.bytes.*message\.max\.bytes/],
  [{ 'receive.message.max.bytes': 1_000 }, /receive\.message\.max\.bytes/],
  [
    { 'max.poll.interval.ms': 5_000, 'session.timeout.ms': 6_000 },
    /max\.poll\.interval\.ms.*session\.timeout\.ms/,
  ],
  [
    { 'partition.assignment.strategy': 'cooperative-sticky,range' },
    /partition\.assignment\.strategy|cooperative/i,
  ],
  [{ 'group.protocol': 'consumer', 'session.timeout.ms': 6_000 }, /session\.timeout\.ms.*group\.protocol/],
  [{ 'group.protocol': 'consumer', 'partition.assignment.strategy': 'range' }, /group\.remote\.assignor/],
];

const REFUSED_BY_PRODUCERS: typeof REFUSED_BY_ALL = [
  [{ 'enable.idempotence': true, 'max.in.flight': 6 }, /max\.in\.flight/],
  [{ 'enable.idempotence': true, retries: 0 }, /retries/],
  [{ 'enable.idempotence': false, 'enable.gapless.guarantee': true }, /gapless/],
];

async function refusalOf(operation: Promise<unknown>): Promise<Error & { code?: string }> {
  const begin = performance.now();
  const error = await operation.then(
    () => new Error('it was not refused'),
    (reason: Error) => reason,
  );
  expect(performance.now() - begin).toBeLessThan(AT_ONCE);
  return error;
}

const uses: Readonly<Record<string, (client: ClientBinding, topic: string) => Promise<unknown>>> = {
  join: (client, topic) => client.join({ groupId: uniqueName('group'), topics: [topic] }, new Told()),
  'ask for what a group has committed': (client, topic) =>
    client.committed(uniqueName('group'), [{ topic, partition: 0 }]),
  connect: (client) => client.connect(),
  'ask for partitions': (client, topic) => client.partitionCount(topic),
  'create topics': (client) =>
    client.createTopics([{ topic: uniqueName('topic'), partitions: 1, replicationFactor: 1 }]),
};
const consumers = ['join', 'ask for what a group has committed'];

const cases = [
  ...Object.keys(uses).flatMap((use) =>
    REFUSED_BY_ALL.slice(0, 4).map((refused) => [use, ...refused] as const),
  ),
  ...REFUSED_BY_ALL.slice(4).map((refused) => ['connect', ...refused] as const),
  ...REFUSED_BY_CONSUMERS.flatMap((refused) => consumers.map((use) => [use, ...refused] as const)),
  ...REFUSED_BY_PRODUCERS.map((refused) => ['connect', ...refused] as const),
];

describe('what librdkafka refuses when it makes a client', () => {
  it.for(cases)(
    'is told at once to whoever would %s: %o',
    async ([use, properties, words], { broker, topic }) => {
      const client = clientOn(broker, properties);
      const error = await refusalOf((uses[use] as (typeof uses)[string])(client, topic));
      expect(error).toMatchObject({ code: 'VELO_INVALID_OPTION', message: expect.stringMatching(words) });
      await client.close();
    },
  );

  it('is told to a member of transactions', async ({ broker, topic, groupId }) => {
    const client = clientOn(broker, { 'max.in.flight': 6 });
    const member = await client.join({ groupId, topics: [topic], transactional: true }, new Told());
    const error = await refusalOf(member.transactions?.fence([{ topic, partition: 0 }]) as Promise<void>);
    expect(error).toMatchObject({
      code: 'VELO_INVALID_OPTION',
      message: expect.stringMatching(/max\.in\.flight/),
    });
    await client.close();
  });

  it('is told as the outcome of a send', async ({ broker, topic }) => {
    const client = clientOn(broker, { 'security.protocol': 'ssl', 'ssl.ca.location': '/no.pem' });
    const [outcome] = await client.publish([record(topic, 0, 'a')]);
    expect(outcome).toMatchObject({ written: false, error: { code: 'VELO_INVALID_OPTION' } });
    await client.close();
  });

  it.for([...REFUSED_BY_ALL, ...REFUSED_BY_CONSUMERS])(
    'rejects start() of a consumer at once: %o',
    async ([properties, words], { broker, topic, groupId }) => {
      const velo = createVelo({ 'bootstrap.servers': broker.bootstrapServers }, { logger: silent });
      const consumer = velo.consumer({ groupId, topics: [topic], client: properties, handler: () => {} });
      const error = await refusalOf(consumer.start());
      expect(error).toMatchObject({ code: 'VELO_INVALID_OPTION', message: expect.stringMatching(words) });
      await velo.close();
    },
  );
});

const silent = { info() {}, warn() {}, error() {}, debug() {} };

describe("velo's defaults give way", () => {
  it.for([
    { 'max.poll.interval.ms': 5_000 },
    { 'session.timeout.ms': 900 },
    { 'reconnect.backoff.ms': 5_000 },
    { 'linger.ms': 20_000 },
    { 'queue.buffering.max.ms': 20_000.5 },
    { 'delivery.timeout.ms': 20_000 },
    { 'max.in.flight': 10 },
    { 'max.in.flight.requests.per.connection': 10 },
    { retries: 0 },
    { 'message.send.max.retries': 0 },
    { 'queuing.strategy': 'lifo' },
    { 'queue.buffering.backpressure.threshold': 10 },
    { 'enable.gapless.guarantee': true },
    { 'socket.timeout.ms': 60_000 },
    { 'metadata.broker.list': '127.0.0.1:1' },
  ])('to %o, for every kind of client', async (properties, { broker, topic, groupId }) => {
    const address = { 'metadata.broker.list': broker.bootstrapServers };
    const client = clientOn({ bootstrapServers: broker.bootstrapServers }, { ...properties, ...address });
    const told = new Told();
    const transactional = !Object.keys(properties).some((name) =>
      /in.flight|retries|strategy|threshold/.test(name),
    );
    const member = await client.join({ groupId, topics: [topic], transactional }, told);
    if (transactional) await member.transactions?.fence([{ topic, partition: 0 }]);
    await client.connect();
    expect(await client.partitionCount(topic)).toBe(2);
    await client.createTopics([{ topic: uniqueName('topic'), partitions: 1, replicationFactor: 1 }]);
    await client.close();
  });
});

describe('a value that librdkafka would read as another one', () => {
  const give = (properties: object) => () =>
    createVelo({ 'bootstrap.servers': 'localhost:1', ...properties });

  plain.for([
    { 'session.timeout.ms': '10s' },
    { 'session.timeout.ms': '' },
    { 'session.timeout.ms': ' 10000' },
    { 'session.timeout.ms': '10000 ' },
    { 'session.timeout.ms': '0x2710' },
    { 'session.timeout.ms': '010000' },
    { 'session.timeout.ms': '+10000' },
    { 'session.timeout.ms': '1e4' },
    { 'session.timeout.ms': 10_000.5 },
    { 'session.timeout.ms': Number.NaN },
    { 'session.timeout.ms': Number.POSITIVE_INFINITY },
    { 'session.timeout.ms': 2 ** 32 + 10_000 },
    { 'session.timeout.ms': null },
    { 'session.timeout.ms': 10_000n },
    { 'session.timeout.ms': [10_000] },
    { 'session.timeout.ms': { valueOf: () => 10_000 } },
    { 'session.timeout.ms': Symbol('10000') },
    { 'session.timeout.ms': Object.create(null) as object },
    { 'message.max.bytes': '1MB' },
    { 'message.timeout.ms': '10s' },
    { 'linger.ms': '5ms' },
    { 'linger.ms': '0x5' },
    { 'linger.ms': 'nan' },
    { 'statistics.interval.ms': () => 5 },
    { log_cb: () => {} },
    { oauthbearer_token_refresh_cb: () => {} },
    { partitioner_cb: () => 0 },
  ])('is refused by name: %o', (properties) => {
    const [name = ''] = Object.keys(properties);
    expect(give(properties)).toThrow(
      expect.objectContaining({
        code: 'VELO_INVALID_OPTION',
        message: expect.stringMatching(name === 'linger.ms' ? /linger\.ms|queue\.buffering\.max\.ms/ : name),
      }),
    );
  });

  plain.for([
    { 'session.timeout.ms': 10_000 },
    { 'session.timeout.ms': '10000' },
    { 'session.timeout.ms': undefined },
    { 'linger.ms': 0.5 },
    { 'linger.ms': '0.5' },
    { 'client.id': '007' },
    { 'client.id': '10s' },
    { 'client.id': '' },
    { 'broker.version.fallback': '0.10.0' },
    { 'enable.idempotence': 'false' },
    { rebalance_cb: () => {}, offset_commit_cb: true, dr_cb: true, event_cb: false },
  ])('is not: %o', (properties) => {
    expect(give(properties)).not.toThrow();
  });

  it('is refused also for one consumer', async ({ join }) => {
    await expect(join(new Told(), { 'session.timeout.ms': '10s' })).rejects.toMatchObject({
      code: 'VELO_INVALID_OPTION',
      message: expect.stringContaining('session.timeout.ms'),
    });
  });
});
