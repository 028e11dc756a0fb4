import { callSafely, isThenable, watchRejection } from '../adopt.js';
import type { ErrorCategory } from '../error-category.js';
import {
  invalidOption,
  isVeloError,
  type RetriesExhaustedCode,
  RetriesExhaustedError,
} from '../velo-error.js';
import { type Outcome, runAttempt } from './attempt.js';
import { count } from './count.js';
import { type Judgement, judge } from './judge.js';
import type { Operation, RetryPlan } from './options.js';

/** A timed-out attempt is a trouble of the network, whatever the operation was doing. */
const TIMED_OUT: Judgement = { category: 'NetworkIssue', retry: true, after: 0 };

/** One operation on its way through attempts and waits. */
export class Run<T> {
  /** The one under way, or the last; 1 is the first call. */
  private attempt = 1;
  /** Of the last failure. */
  private category: ErrorCategory = 'Unknown';
  private error: unknown = undefined;
  /** The last wait, and all waits together, in milliseconds. */
  private delay: number | undefined = undefined;
  private waited = 0;
  /** What `onRetry` gave back: nothing, as a rule. */
  private told: unknown = undefined;
  /** `timeout` ends before `attemptTimeout` would. */
  private last = false;

  /** @param startedAt milliseconds; when the first attempt began */
  constructor(
    private readonly plan: RetryPlan,
    private readonly operation: Operation<T>,
    private readonly startedAt: number,
  ) {}

  /**
   * Attempts and waits until one attempt succeeds or there is a reason to stop.
   *
   * @param made the outcome of the first attempt, if it was made already
   */
  async finish(made?: Outcome<T>): Promise<T> {
    try {
      return await this.loop(made);
    } catch (error) {
      // A promise can be thrown, too; if it is rejected, nobody else handles that.
      watchRejection(error);
      throw error;
    }
  }

  private async loop(made: Outcome<T> | undefined): Promise<T> {
    const { plan } = this;
    for (let outcome = made; ; this.attempt++) {
      if (!outcome) {
        if (plan.signal?.aborted) throw plan.signal.reason;
        outcome = await this.call();
      }
      if (outcome.ended === 'success') {
        count(plan.metrics, (counters) => counters.recordAttemptWithSuccess());
        if (this.attempt > 1) this.observe(true);
        return outcome.result;
      }
      // What fails under an aborted signal fails because of it.
      if (outcome.ended === 'abort' || plan.signal?.aborted) {
        count(plan.metrics, (counters) => counters.recordAttempt());
        throw plan.signal?.reason;
      }
      await this.wait(this.fail(outcome.error, outcome.ended === 'timeout'));
      outcome = undefined;
    }
  }

  private call(): Promise<Outcome<T>> {
    const { timeout, attemptTimeout = Infinity, signal, clock } = this.plan;
    const left = timeout === undefined ? Infinity : this.startedAt + timeout - this.plan.now();
    this.last = left <= attemptTimeout;
    return runAttempt(this.operation, this.attempt, signal, this.last ? left : attemptTimeout, clock);
  }

  /** Records a failure. Gives back the milliseconds to wait, or throws what the run ends with. */
  private fail(error: unknown, timedOut: boolean): number {
    const { plan, attempt } = this;
    const { metrics, strategy, budget, timeout = Infinity } = plan;
    watchRejection(error);
    const { category, retry, after } = timedOut ? TIMED_OUT : judge(error);
    const cutOff = timedOut && this.last;
    // Of an attempt that the end of the time has cut off nothing is known: what failed before it says more.
    if (!cutOff || attempt === 1) {
      this.error = error;
      this.category = category;
    }
    count(metrics, (counters) =>
      timedOut ? counters.recordAttemptWithTimeout() : counters.recordAttemptWithError(category),
    );

    if (cutOff) throw this.exhausted('VELO_TIMEOUT');
    if (!this.isWanted(error, category, retry)) throw error;
    this.observe(false);
    if (attempt >= (category === 'Unknown' ? plan.maxUnknownAttempts : plan.maxAttempts)) {
      throw this.exhausted('VELO_RETRIES_EXHAUSTED');
    }
    // A strategy that answers no number, NaN or less than 0 waits for `after`, which is 0 as a rule.
    const asked: unknown = strategy.delay(attempt - 1, this.delay);
    watchRejection(asked);
    const delay = typeof asked === 'number' && asked > after ? asked : after;
    const now = plan.now();
    if (now + delay >= this.startedAt + timeout) throw this.exhausted('VELO_TIMEOUT');
    const paid: unknown = budget === undefined || budget.withdraw(now);
    watchRejection(paid);
    if (!paid) throw this.exhausted('VELO_BUDGET_EXHAUSTED');
    this.told = plan.onRetry?.({ attempt, delay, error, category });
    watchRejection(this.told);
    return delay;
  }

  /** By `retryIf`, where it is given, else by `otherwise`. */
  private isWanted(error: unknown, category: ErrorCategory, otherwise: boolean): boolean {
    const { retryIf } = this.plan;
    if (!retryIf || isVeloError(error, 'VELO_PERMANENT')) return otherwise;
    const answer: unknown = retryIf(error, { attempt: this.attempt, category });
    if (!isThenable(answer)) return Boolean(answer);
    // A promise is true, whatever it comes to: every failure would be retried.
    watchRejection(answer);
    throw invalidOption("retryIf's answer", answer, 'true or false, and no promise', { cause: error });
  }

  /** Waits; an abort cuts the wait at once, even if `sleep` does not heed it. */
  private async wait(ms: number): Promise<void> {
    const { sleep, signal, clock } = this.plan;
    const { told } = this;
    const pause = () =>
      told === undefined
        ? sleep(ms, signal)
        : Promise.race([sleep(ms, signal), new Promise((_, reject) => watchRejection(told, reject))]);
    const outcome = await runAttempt(pause, this.attempt, signal, Infinity, clock);
    if (outcome.ended === 'abort' || signal?.aborted) throw signal?.reason;
    if (outcome.ended !== 'success') throw outcome.error;
    this.delay = ms;
    this.waited += ms;
    if (this.plan.now() >= this.startedAt + (this.plan.timeout ?? Infinity))
      throw this.exhausted('VELO_TIMEOUT');
  }

  private observe(succeeded: boolean): void {
    const { category, waited } = this;
    callSafely(() => this.plan.strategy.observe?.({ category, waited, succeeded }));
  }

  private exhausted(code: RetriesExhaustedCode): RetriesExhaustedError {
    const { attempt, category, error } = this;
    const elapsed = this.plan.now() - this.startedAt;
    return new RetriesExhaustedError({ attempts: attempt, elapsed, category, cause: error, code });
  }
}
