import { readProperty } from '@velo/retry-core';

/**
 * The client as it is without `@opentelemetry/instrumentation-kafkajs`: for `createVelo`, where other code of the process keeps that
 * instrumentation. It times velo's feeding of its queues in place of handlers, and writes contexts of its own into velo's copies. A
 * client that is not instrumented is as it was.
 */
export function uninstrumented<K extends object>(kafka: K): K {
  const bare = Object.create(kafka) as K;
  for (const name of ['consumer', 'producer']) {
    let method: unknown = readProperty(kafka, name);
    for (let below = method; typeof below === 'function'; below = readProperty(below, '__original'))
      method = below;
    if (typeof method === 'function') Object.defineProperty(bare, name, { value: method });
  }
  return bare;
}
