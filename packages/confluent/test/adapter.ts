import type { AdapterUnderTest } from '@velo/testkit/contract';
import { createVelo } from '../src/index.js';

const NOT_AUTHORIZED = 29;
const quick = {
  'session.timeout.ms': 1_500,
  'heartbeat.interval.ms': 100,
  'fetch.wait.max.ms': 100,
  'topic.metadata.refresh.interval.ms': 300,
};

export const adapter: AdapterUnderTest = {
  name: 'confluent',
  createVelo({ bootstrapServers, sasl, tls }, options) {
    const login = sasl && {
      'security.protocol': 'sasl_plaintext',
      'sasl.mechanisms': 'PLAIN',
      'sasl.username': sasl.username,
      'sasl.password': sasl.password,
    };
    const trust = tls && { 'security.protocol': 'ssl', 'ssl.ca.pem': tls.ca };
    // The engine asks again after this time, ms; 10,000 would try a test's patience.
    const timeout = { 'message.timeout.ms': 2_000 };
    return createVelo({ 'bootstrap.servers': bootstrapServers, ...timeout, ...login, ...trust }, options);
  },
  childModule: new URL('./contract-child.mjs', import.meta.url),
  protocol: 'range',
  client: {
    quick,
    idle: { ...quick, 'session.timeout.ms': 6_000, 'fetch.wait.max.ms': 1_500 },
    instance: (id) => ({ 'group.instance.id': id }),
  },
  capabilities: {
    headerOrder: true,
    // The client makes an empty value of it.
    readsNullHeaders: false,
    readsBinaryHeaders: true,
    commitMetadata: true,
    tellsGroupRefusal: true,
    scatters: { 'partition.assignment.strategy': 'roundrobin' },
    tls: true,
    transactions: true,
    transactsByMember: true,
    describesConfigs: false,
    // As it is built here: librdkafka needs libzstd for it when it is compiled.
    lacksCodecs: ['zstd'],
  },
  // librdkafka reports it once, and fetches no more.
  crash: (broker) => broker.pushErrors('Fetch', [NOT_AUTHORIZED]),
};
