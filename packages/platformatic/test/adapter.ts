import type { AdapterUnderTest } from '@velo/testkit/contract';
import { createVelo } from '../src/index.js';

const UNKNOWN_SERVER_ERROR = -1;
const quick = { sessionTimeout: 1_500, heartbeatInterval: 100, maxWaitTime: 100, metadataMaxAge: 300 };

export const adapter: AdapterUnderTest = {
  name: '@platformatic/kafka',
  createVelo({ brokers, sasl, tls }, options) {
    return createVelo(
      {
        clientId: 'contract',
        bootstrapBrokers: [...brokers],
        connectTimeout: 1_000,
        ...(sasl && { sasl: { mechanism: 'PLAIN', ...sasl } }),
        ...(tls && { tls: { ca: tls.ca } }),
      },
      options,
    );
  },
  childModule: new URL('./contract-child.mjs', import.meta.url),
  protocol: 'velo',
  client: {
    quick,
    idle: { ...quick, sessionTimeout: 6_000, maxWaitTime: 1_500 },
    instance: (groupInstanceId) => ({ groupInstanceId }),
  },
  capabilities: {
    headerOrder: true,
    readsNullHeaders: true,
    readsBinaryHeaders: true,
    commitMetadata: true,
    tellsGroupRefusal: true,
    tls: true,
    transactions: true,
  },
  // No code of a fetch that velo knows: its member ends.
  crash: (broker) => broker.pushErrors('Fetch', [UNKNOWN_SERVER_ERROR]),
};
