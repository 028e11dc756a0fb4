import { checkNames } from '@velo/retry-core';
import { fail, oneOf, whole } from './check-option.js';
import type { ConcurrencyPolicy, HandlingOrder, TopicPolicy } from './config.js';
import { DEFAULTS } from './defaults.js';

/** How the records of one partition run beside each other. */
export interface Concurrency {
  /** Handlers at once. */
  readonly perPartition: number;
  readonly order: HandlingOrder;
}

const NAMES = { perPartition: true, perConsumer: true } as const satisfies Record<
  keyof ConcurrencyPolicy,
  true
>;
const MAX_PER_PARTITION = 10_000;
const MAX_PER_CONSUMER = 1_000_000;
const ORDERS: readonly HandlingOrder[] = ['partition', 'key', 'none'];

/** @throws {VeloError} `VELO_INVALID_OPTION` */
export function concurrencyOf({
  concurrency,
  order,
}: Pick<TopicPolicy, 'concurrency' | 'order'>): Concurrency {
  const { perPartition = DEFAULTS.perPartition } = policyOf(concurrency);
  const name = typeof concurrency === 'object' ? 'concurrency.perPartition' : 'concurrency';
  whole(perPartition, name, 1, MAX_PER_PARTITION);
  const chosen = oneOf(order ?? (perPartition > 1 ? 'key' : 'partition'), ORDERS, 'order');
  if (chosen === 'partition' && perPartition > 1)
    fail(
      'order',
      chosen,
      `'key' or 'none' beside ${name} ${perPartition}: in the order of the partition one handler runs at a time`,
    );
  return { perPartition, order: chosen };
}

/** Handlers at once in the whole consumer. @throws {VeloError} `VELO_INVALID_OPTION` */
export function perConsumerOf({ concurrency }: Pick<TopicPolicy, 'concurrency'>): number {
  const { perConsumer } = policyOf(concurrency);
  return perConsumer === undefined
    ? Number.POSITIVE_INFINITY
    : whole(perConsumer, 'concurrency.perConsumer', 1, MAX_PER_CONSUMER);
}

/** A limit for the consumer in the policy of one topic would be heeded by nobody. @throws {VeloError} `VELO_INVALID_OPTION` */
export function refusePerConsumer({ concurrency }: Pick<TopicPolicy, 'concurrency'>, topic: string): void {
  const { perConsumer } = policyOf(concurrency);
  if (perConsumer !== undefined)
    fail(
      `concurrency.perConsumer of topic "${topic}"`,
      perConsumer,
      'beside groupId: it is for all topics of the consumer. For one topic give perPartition',
    );
}

function policyOf(concurrency: TopicPolicy['concurrency']): ConcurrencyPolicy {
  if (concurrency === undefined) return {};
  if (typeof concurrency === 'number') return { perPartition: concurrency };
  if (typeof concurrency !== 'object' || concurrency === null || Array.isArray(concurrency))
    fail('concurrency', concurrency, 'a number, or { perPartition, perConsumer }');
  checkNames(concurrency, NAMES, 'concurrency');
  return concurrency;
}
