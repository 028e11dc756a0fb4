import type { AdapterUnderTest } from '../adapter.js';
import type { Scenario } from '../scenario.js';

export type HandOff = 'at-least-once' | 'transactional';

/** One scenario in both ways to hand records off; on a real Kafka, which alone has transactions. */
export function byHandOff(
  scenario: (handOff: HandOff) => Omit<Scenario, 'on' | 'needs'>,
): readonly Scenario[] {
  return (['at-least-once', 'transactional'] as const).map((handOff) => {
    const { name, ...rest } = scenario(handOff);
    const needs = ({ capabilities }: AdapterUnderTest) =>
      handOff === 'at-least-once' || capabilities.transactions === true;
    return { name: `${name}, ${handOff}`, on: 'kafka', needs, ...rest };
  });
}
