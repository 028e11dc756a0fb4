import { checkNames, type Duration, toMilliseconds } from '@velo/retry-core';

export interface StopOptions {
  /**
   * For all of it: of what is left when handlers and copies have ended, or a fifth of it and 5 s at most where they have not, the
   * offsets are committed, the group is left, connections are closed; that has 5 s in any case. @default 25 s
   */
  readonly timeout?: Duration | undefined;
  /**
   * Then the signals of handlers that still run are aborted: those that end without an error count as handled, the records of the others
   * come again, as those of handlers that do not end at all. Not above `timeout`. @default three fifths of `timeout`, 15 s
   */
  readonly abortAfter?: Duration | undefined;
}

/** When what happens in a stop, counted from its call, ms. */
export interface StopLimits {
  /** Signals of running handlers are aborted. */
  readonly abortAfter: number;
  /** Handlers and copies are waited for no longer. */
  readonly drained: number;
  /** The end, if leaving has had its time. */
  readonly timeout: number;
}

/** ms. Kubernetes kills a process 30 s after its SIGTERM. */
export const STOP_LIMIT = 25_000;
/** For committing, leaving and closing, ms. */
export const FAREWELL_LIMIT = 5_000;

const NAMES = { timeout: true, abortAfter: true } as const satisfies Record<keyof StopOptions, true>;

/**
 * @param whose such as `stop()`
 * @throws {VeloError} `VELO_INVALID_OPTION`
 */
export function stopLimits(options: StopOptions | undefined, whose: string): StopLimits {
  checkNames(options, NAMES, whose);
  const timeout = toMilliseconds(options?.timeout ?? STOP_LIMIT, 'timeout');
  const abortAfter = toMilliseconds(options?.abortAfter ?? timeout * 0.6, 'abortAfter', { max: timeout });
  const drained = Math.max(timeout - Math.min(timeout / 5, FAREWELL_LIMIT), abortAfter);
  return { abortAfter, drained, timeout };
}
