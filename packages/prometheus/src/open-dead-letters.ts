import type { DeadLetterSummary, DeadLetters } from '@velo/engine';
import {
  callSafely,
  checkNames,
  type Duration,
  invalidOption,
  isVeloError,
  readProperty,
  toMilliseconds,
} from '@velo/retry-core';
import type { Instruments } from './instruments.js';

export interface DeadLettersWatchOptions {
  /** Between two looks, at least 1 minute. @default 5 minutes */
  readonly every?: Duration | undefined;
  /** Told when a look fails; the next one is made all the same, and the gauges stay as they were. @default nobody is told */
  readonly onError?: ((error: unknown) => void) | undefined;
}

const LEAST_EVERY = 60_000;
const DEFAULT_EVERY = 300_000;

/** Looks at open dead letters every few minutes. Keeps no process alive. */
export function watchDeadLetters(
  letters: Pick<DeadLetters, 'summary'>,
  options: DeadLettersWatchOptions,
  { metered }: Pick<Instruments, 'metered'>,
): () => void {
  checkNames(options, { every: true, onError: true }, 'watchDeadLetters()');
  if (typeof readProperty(letters, 'summary') !== 'function')
    throw invalidOption('letters', letters, 'what velo.deadLetters() gives back');
  const every = toMilliseconds(options.every ?? DEFAULT_EVERY, 'every', { min: LEAST_EVERY });
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isOver = false;

  const look = async () => {
    try {
      const summary = await letters.summary();
      if (!isOver) show(summary, metered);
    } catch (error) {
      // Its velo has gone.
      if (isVeloError(error, 'VELO_CLOSED') || isVeloError(error, 'VELO_ABORTED')) isOver = true;
      else callSafely(() => options.onError?.(error));
    }
    if (isOver) return;
    timer = setTimeout(() => void look(), every);
    timer.unref();
  };
  void look();
  return () => {
    isOver = true;
    clearTimeout(timer);
  };
}

function show({ groupId: group, at, topics }: DeadLetterSummary, metered: Instruments['metered']): void {
  const { openDeadLetters, oldestOpenDeadLetter, deadLettersLook } = metered;
  deadLettersLook.set({ group }, at / 1_000);
  for (const { topic: target, open, oldest } of topics) {
    openDeadLetters.set({ group, target }, open);
    if (oldest === undefined) oldestOpenDeadLetter.remove({ group, target });
    else oldestOpenDeadLetter.set({ group, target }, oldest / 1_000);
  }
}
