import type { AdapterUnderTest } from '@velo/testkit/contract';
import { Kafka, logLevel } from 'kafkajs';
import { createVelo } from '../src/index.js';

const UNKNOWN_SERVER_ERROR = -1;
const quick = { sessionTimeout: 1_500, heartbeatInterval: 100, maxWaitTimeInMs: 100, metadataMaxAge: 300 };

export const adapter: AdapterUnderTest = {
  name: 'kafkajs',
  createVelo({ brokers, sasl, tls }, options) {
    const login = sasl && ({ mechanism: 'plain', ...sasl } as const);
    const kafka = new Kafka({
      brokers: [...brokers],
      logLevel: logLevel.NOTHING,
      retry: { retries: 2, maxRetryTime: 300 },
      ...(login && { sasl: login }),
      ...(tls && { ssl: { ca: tls.ca } }),
    });
    return createVelo(kafka, options);
  },
  childModule: new URL('./contract-child.mjs', import.meta.url),
  protocol: 'velo',
  client: { quick, idle: { ...quick, sessionTimeout: 6_000, maxWaitTimeInMs: 1_500 } },
  capabilities: {
    headerOrder: true,
    readsNullHeaders: true,
    readsBinaryHeaders: true,
    commitMetadata: true,
    tellsGroupRefusal: true,
    tls: true,
    transactions: true,
    lacksCodecs: ['snappy', 'lz4', 'zstd'],
  },
  // kafkajs takes this for an error that no retry mends, and its consumer ends.
  crash: (broker) => broker.pushErrors('Fetch', [UNKNOWN_SERVER_ERROR]),
};
