import type { RetryStrategy } from '@velo/retry-core';
import {
  callSafely,
  exponential,
  foreignMessage,
  invalidOption,
  show,
  watchRejection,
} from '@velo/retry-core';
import type { RetryPolicy } from './config.js';

/**
 * Functions of a configuration that run while a record is under way. One that throws must not end the consumer, which
 * would meet the same record at its next start: velo's own answer counts then, and `complain` is told of the first time.
 */

export type Complain = (message: string) => void;

/** The waits where a strategy throws, or gives none. */
const OTHERWISE = /* @__PURE__ */ exponential({ initial: 100, multiplier: 2, max: 5_000 });

/**
 * @param option what it is called, for people
 * @throws {VeloError} `VELO_INVALID_OPTION` if it is no strategy
 */
export function guardedStrategy(strategy: RetryStrategy, option: string, complain: Complain): RetryStrategy {
  if (typeof strategy?.delay !== 'function')
    throw invalidOption(
      option,
      strategy,
      'a RetryStrategy, such as exponential({ initial: 100, max: 5_000 })',
    );
  const tell = once(complain);
  return {
    kind: strategy.kind,
    delay(retryIndex, previousDelay) {
      try {
        const delay: unknown = strategy.delay(retryIndex, previousDelay);
        if (typeof delay === 'number' && delay >= 0 && delay < Number.POSITIVE_INFINITY) return delay;
        tell(
          `${option} must answer with milliseconds, and has answered ${show(delay)}. The default waits count, and nothing is lost. Mend the strategy.`,
        );
        watchRejection(delay);
      } catch (error) {
        watchRejection(error);
        tell(
          `${option} has thrown: ${foreignMessage(error)}. The default waits count, and nothing is lost. Mend the strategy.`,
        );
      }
      return OTHERWISE.delay(retryIndex);
    },
    observe(outcome) {
      callSafely(
        () => strategy.observe?.(outcome),
        (error) =>
          tell(
            `${option} could not observe: ${foreignMessage(error)}. It learns nothing from that attempt; nothing is lost. Mend the strategy.`,
          ),
      );
    },
  };
}

type Classify = NonNullable<RetryPolicy['classify']>;

export function guardedClassify(classify: Classify, complain: Complain): Classify {
  if (typeof classify !== 'function') throw invalidOption('retry.classify', classify, 'a function');
  const tell = once(complain);
  return (error, record) => {
    try {
      const answer: unknown = classify(error, record);
      if (answer === 'retry' || answer === 'dead-letter') return answer;
      if (answer === undefined || answer === null) return undefined;
      tell(
        `retry.classify must answer 'retry', 'dead-letter' or nothing, and has answered ${show(answer)}. velo decides, and nothing is lost. Mend the function.`,
      );
      watchRejection(answer);
    } catch (thrown) {
      watchRejection(thrown);
      tell(
        `retry.classify has thrown: ${foreignMessage(thrown)}. velo decides, and nothing is lost. Mend the function.`,
      );
    }
    return undefined;
  };
}

function once(complain: Complain): Complain {
  let told = false;
  return (message) => {
    if (!told) complain(`${message} This is told once.`);
    told = true;
  };
}
