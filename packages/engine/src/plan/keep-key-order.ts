import { fail } from './check-option.js';
import type { Concurrency } from './concurrency.js';
import type { TopicPolicy } from './config.js';
import { DEFAULTS } from './defaults.js';

const NAME = 'retry.keepKeyOrder';

type Policy = Pick<TopicPolicy<never>, 'retry' | 'order' | 'batch'>;

/** Whether the order of keys survives the tiers. @throws {VeloError} `VELO_INVALID_OPTION` where that cannot be */
export function keepKeyOrderOf({ retry = {}, order, batch }: Policy, tiers: readonly unknown[]): boolean {
  const {
    keepKeyOrder = DEFAULTS.keepKeyOrder,
    headers = DEFAULTS.tierHeaders,
    naming = DEFAULTS.naming,
  } = retry;
  if (typeof keepKeyOrder !== 'boolean') fail(NAME, keepKeyOrder, 'true or false');
  if (!keepKeyOrder) return false;
  if (tiers.length === 0)
    fail(
      NAME,
      true,
      'false without retry.tiers: records that wait in place hold back those of their key already',
    );
  if (order === 'none')
    fail(NAME, true, "false beside order 'none'; 'key' and 'partition' have an order to keep");
  if (order === 'partition' && batch !== undefined)
    fail('order', order, `'key' beside batch and ${NAME}: a batch holds one record of each key`);
  if (headers !== 'velo')
    fail(
      'retry.headers',
      headers,
      `'velo' beside ${NAME}: others cannot say that a record was not tried yet`,
    );
  if (naming !== 'velo')
    fail('retry.naming', naming, `'velo' beside ${NAME}: other groups may write to topics of that naming`);
  return true;
}

/** A batch whose keys keep their order cannot keep that of the whole partition. */
export function keyed(concurrency: Concurrency, { retry, batch }: Policy): Concurrency {
  return retry?.keepKeyOrder && batch !== undefined ? { ...concurrency, order: 'key' } : concurrency;
}

/** Of a tier's records, which are due at different times, only those of one key are in an order. */
export function keyedInTier(concurrency: Concurrency, keepKeyOrder: boolean): Concurrency {
  return keepKeyOrder ? { ...concurrency, order: 'key' } : concurrency;
}
