import { invalidOption, show, VeloError } from '@velo/retry-core';
import type { ConsumerPlan } from '../plan/plan.js';

/**
 * The sources that a call of a user names; all of them where it names none.
 *
 * @throws {VeloError} `VELO_INVALID_OPTION`, naming those that there are
 */
export function namedSources(
  topics: readonly string[] | undefined,
  call: string,
  { sources, routes }: Pick<ConsumerPlan, 'sources' | 'routes'>,
): readonly string[] {
  if (topics === undefined) return sources;
  if (!Array.isArray(topics))
    throw invalidOption(`what ${call} names`, topics, `a list, such as ['${sources[0]}']`);
  for (const topic of topics) {
    if (sources.includes(topic)) continue;
    const source = routes.get(topic)?.source;
    throw new VeloError(
      'VELO_INVALID_OPTION',
      source === undefined
        ? `${call} names ${show(topic)}, which this consumer does not read. Nothing has changed by this call. It reads ${sources.join(', ')}.`
        : `${call} names ${show(topic)}, which is a tier of ${source}. Nothing has changed by this call. Name ${source}: its tiers are held and go on with it.`,
    );
  }
  return [...new Set(topics)];
}
