import * as library from '@platformatic/kafka';
import type { ClientBinding } from '@velo/engine';
import type { BindingUnderTest } from '@velo/testkit/binding';
import type { FetchedBatch, FetchedBatches } from '../src/api.js';
import { checkClientConfig, openPlatformaticClient, type PlatformaticLibrary } from '../src/index.js';

export function open({ brokers }: { readonly brokers: readonly string[] }): ClientBinding {
  return openPlatformaticClient(
    library as unknown as PlatformaticLibrary,
    checkClientConfig({ clientId: 'test', bootstrapBrokers: brokers, connectTimeout: 1_000 }),
  );
}

export const platformatic: BindingUnderTest = {
  name: '@platformatic/kafka',
  open,
  quick: { maxWaitTime: 50, heartbeatInterval: 200 },
  assignors: { velo: {} },
  headerOrder: true,
};

/** Batches as they come from a broker, already decoded. */
export function fetched(batches: readonly FetchedBatch[]): FetchedBatches {
  const last = batches.at(-1);
  const end = last && Number(last.firstOffset) + last.lastOffsetDelta + 1;
  return { end, [Symbol.iterator]: () => batches[Symbol.iterator]() };
}
