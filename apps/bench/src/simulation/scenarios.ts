import { seededRandom } from '@velo/testkit/random';
import type { Outage } from './broker.js';

/** A series of outages of one kind. */
export interface Scenario {
  readonly id: string;
  readonly title: string;
  readonly outages: (seed: number) => readonly Outage[];
}

/** Outages in a row: the first five are what a strategy can learn from before it forecasts. */
const OUTAGES = 14;

/** ms of calm before each. */
const CALM = 25_000;

/** Outages of these lengths (ms), with calm between; a long one gets more of it, so that all recover. */
function series(seed: number, length: (random: () => number, index: number) => number): Outage[] {
  const random = seededRandom(seed);
  const outages: Outage[] = [];
  let now = CALM;
  for (let index = 0; index < OUTAGES; index++) {
    const lasting = Math.round(length(random, index));
    outages.push({ from: now, to: now + lasting });
    now += lasting * 2 + CALM + 60_000;
  }
  return outages;
}

/** Log-normal: `median` ms, and a factor of `spread` is one standard deviation. */
function logNormal(random: () => number, median: number, spread: number): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return median * spread ** normal;
}

/** Lengths that the predictive strategy was not tuned to: it was written before this file. */
export const scenarios: readonly Scenario[] = [
  {
    id: 'restart',
    title: 'a broker restarts: 8 s, give or take a second',
    outages: (seed) => series(seed, (random) => 7_000 + 2_000 * random()),
  },
  {
    id: 'failover',
    title: 'a cluster fails over: 20 to 40 s',
    outages: (seed) => series(seed, (random) => 20_000 + 20_000 * random()),
  },
  {
    id: 'mixed',
    title: 'anything: log-normal, median 15 s, times or through 3',
    outages: (seed) => series(seed, (random) => Math.min(logNormal(random, 15_000, 3), 180_000)),
  },
  {
    id: 'two-kinds',
    title: 'two kinds: 2 s, and one in four 90 s',
    outages: (seed) => series(seed, (random) => (random() < 0.25 ? 90_000 : 2_000)),
  },
  {
    id: 'growing',
    title: 'worse each time: from 5 s, a quarter longer each',
    outages: (seed) => series(seed, (_, index) => 5_000 * 1.25 ** index),
  },
];
