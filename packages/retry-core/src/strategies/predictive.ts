import { checkNames } from '../check-names.js';
import { type Duration, toMilliseconds } from '../durations/duration.js';
import { exponential } from './exponential.js';
import { FaultHistory, type Forecast } from './fault-history.js';
import type { RetryStrategy } from './strategy.js';
import { computed } from './table-strategy.js';

export interface PredictiveOptions {
  /** The shortest wait, and the first while there is too little history. */
  readonly initial: Duration;
  /** The longest wait; not below `initial`. */
  readonly max: Duration;
}

/** Histories kept. There are five categories; from what claims to be a ninth nothing is learned. */
const MOST_CATEGORIES = 8;

/** `2 ** 8` standard deviations, 5 % each at least, are a factor of 300,000 early. */
const MOST_EARLY = 8;

/** Each further attempt comes when the time waited has grown by at least and at most this factor. */
const LEAST_GROWTH = 1.05;
const MOST_GROWTH = 1.5;

const NAMES = { initial: true, max: true } as const satisfies Record<keyof PredictiveOptions, true>;

/**
 * Learns from `observe` how long faults last, for each error category, and waits until the next is likely to be over.
 *
 * The first attempt comes one standard deviation before the end that a regression over the last 32 faults forecasts
 * (in logarithms); further ones when the time waited has grown by half a standard deviation, by 5 % at least and 50 %
 * at most, and by 50 % once the fault has outlasted the forecast by two standard deviations. Where the first wait was
 * long enough for one, two, three faults in a row, nothing tells whether less would do: the next first attempt comes
 * two, four, eight standard deviations early. With fewer than five faults seen, the delays are those of
 * `exponential({ initial, max })`.
 *
 * Deterministic; within `[initial, max]`; never throws, whatever it observes. Its state is shared by all runs that
 * use it; jitter goes around it: `withJitter(predictive(…), 'equal')`. Against the other strategies: apps/bench
 * (simulation of outages).
 *
 * @throws {VeloError} `VELO_INVALID_OPTION` if `max < initial` or one of them is no duration, or for an unknown option
 */
export function predictive(options: PredictiveOptions): RetryStrategy {
  checkNames(options, NAMES, 'predictive()');
  const { initial, max } = options;
  const unlearned = exponential({ initial, max });
  const most = Math.floor(toMilliseconds(max, 'max'));
  const least = Math.min(Math.round(toMilliseconds(initial, 'initial')), most);
  const histories = new Map<string, FaultHistory>();
  let history: FaultHistory | undefined;
  /** The last wait given for a first retry, and what was waited before the last attempt that failed; milliseconds. */
  let firstWait = 0;
  let waitedInVain = 0;

  const learned = (waited: number, { mean, spread }: Forecast, early: number): number => {
    const step = Math.max(spread, Math.log(LEAST_GROWTH));
    const first = Math.exp(mean - step * 2 ** early);
    const surprised = waited > Math.exp(mean + 2 * step);
    const growth = surprised
      ? MOST_GROWTH
      : Math.min(Math.max(Math.exp(step / 2), LEAST_GROWTH), MOST_GROWTH);
    const target = waited * LEAST_GROWTH < first ? first : waited * growth;
    return Math.min(Math.max(Math.round(target - waited), least), most);
  };

  return computed(
    'predictive',
    (retryIndex) => {
      if (!history?.forecast) return unlearned.delay(retryIndex);
      if (retryIndex > 0) return learned(waitedInVain, history.forecast, history.early);
      firstWait = learned(0, history.forecast, history.early);
      return firstWait;
    },
    ({ category, waited, succeeded }) => {
      history = histories.get(category);
      if (history === undefined) {
        if (histories.size === MOST_CATEGORIES) return;
        history = new FaultHistory();
        histories.set(category, history);
      }
      const total = Math.min(Math.max(waited, 0) || 0, Number.MAX_SAFE_INTEGER);
      if (!succeeded) {
        waitedInVain = total;
      } else if (total > 0) {
        const between = waitedInVain > 0 && waitedInVain < total;
        // It ended between the last attempt that failed and this one; of a factor, the middle is geometric.
        history.add(between ? Math.sqrt(waitedInVain * total) : total);
        history.early = !between && total <= firstWait ? Math.min(history.early + 1, MOST_EARLY) : 0;
        waitedInVain = 0;
      }
    },
  );
}
