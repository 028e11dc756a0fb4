import { adopt } from '../adopt.js';
import type { Clock } from '../clock.js';
import { formatDuration } from '../durations/format-duration.js';
import { VeloError } from '../velo-error.js';
import type { Operation, RetryContext } from './options.js';

/** The signal is made when it is asked for: an AbortController costs 2 us, the rest of a run 60 ns (apps/bench). */
export class AttemptContext implements RetryContext {
  private controller: AbortController | undefined = undefined;

  constructor(
    readonly attempt: number,
    /** Handed out in place of a signal of its own. */
    private readonly outer?: AbortSignal,
  ) {}

  get signal(): AbortSignal {
    if (this.outer) return this.outer;
    this.controller ??= new AbortController();
    return this.controller.signal;
  }

  abort(reason: unknown): void {
    this.controller ??= new AbortController();
    this.controller.abort(reason);
  }
}

/** How an attempt ended: by itself, by its signal, or because its time was over. */
export type Outcome<T> =
  | { readonly ended: 'success'; readonly result: T }
  | { readonly ended: 'failure' | 'timeout'; readonly error: unknown }
  | { readonly ended: 'abort' };

/**
 * Runs one attempt until it ends, `signal` is aborted or `limit` milliseconds have passed, whichever is first. What
 * comes later, a rejection too, is ignored. Never rejects; leaves no timer and no listener behind.
 */
export function runAttempt<T>(
  operation: Operation<T>,
  attempt: number,
  signal: AbortSignal | undefined,
  limit: number,
  clock: Clock,
): Promise<Outcome<T>> {
  return new Promise((resolve) => {
    if (signal?.aborted) {
      resolve({ ended: 'abort' });
      return;
    }
    const limited = limit < Infinity;
    const context = new AttemptContext(attempt, limited ? undefined : signal);
    let cancel: (() => void) | undefined;
    const end = (outcome: Outcome<T>): void => {
      cancel?.();
      signal?.removeEventListener('abort', abort);
      resolve(outcome);
    };
    const fail = (error: unknown): void => end({ ended: 'failure', error });
    const abort = (): void => {
      end({ ended: 'abort' });
      if (limited) context.abort(signal?.reason);
    };
    signal?.addEventListener('abort', abort);
    if (limited) {
      cancel = clock.schedule(limit, () => {
        const error = new VeloError(
          'VELO_TIMEOUT',
          `Attempt ${attempt} took longer than ${formatDuration(limit)}. Its signal is aborted, and what it still does counts for nothing, but may have its effect. Heed the signal, or give attempts more time.`,
        );
        end({ ended: 'timeout', error });
        context.abort(error);
      });
    }
    try {
      adopt(operation(context)).then((result) => end({ ended: 'success', result }), fail);
    } catch (error) {
      fail(error);
    }
  });
}
