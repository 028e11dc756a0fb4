import { type Clock, invalidOption, nearest, unknownName } from '@velo/retry-core';

/** Signals that a process may be ended by, and can hear. Of these, Windows knows SIGINT, SIGBREAK and SIGHUP. */
export type EndSignal = 'SIGTERM' | 'SIGINT' | 'SIGHUP' | 'SIGQUIT' | 'SIGBREAK' | 'SIGUSR1' | 'SIGUSR2';

/** What of Node's process is needed here. */
export interface SignalSource {
  on(signal: string, listener: () => void): unknown;
  off(signal: string, listener: () => void): unknown;
}

const SIGNALS: readonly string[] = /* @__PURE__ */ Object.keys({
  SIGTERM: true,
  SIGINT: true,
  SIGHUP: true,
  SIGQUIT: true,
  SIGBREAK: true,
  SIGUSR1: true,
  SIGUSR2: true,
} satisfies Record<EndSignal, true>);

/** ms. Terminals and the likes of npm both hand a Ctrl-C on: what comes so soon is the same one. */
const SAME_WITHIN = 1_000;

export interface CloseOnOptions {
  /** Must not reject. */
  readonly close: (signal: EndSignal) => Promise<void>;
  readonly clock: Clock;
  /** @default the process, where there is one */
  readonly source?: SignalSource | undefined;
}

const processOf = () => (globalThis as { readonly process?: SignalSource }).process;

/**
 * Closes at the first of these signals. A second later none is heard any more, so that another one ends the process at once, unless
 * somebody else hears it.
 *
 * @returns what stops listening
 * @throws {VeloError} `VELO_INVALID_OPTION` for a signal that there is not, or that no process can hear
 */
export function closeOnSignals(
  signals: readonly EndSignal[],
  { close, clock, source = processOf() }: CloseOnOptions,
): () => void {
  if (!Array.isArray(signals) || signals.length === 0)
    throw invalidOption('the signals of closeOn()', signals, "a list, such as ['SIGTERM', 'SIGINT']");
  for (const signal of signals)
    if (!SIGNALS.includes(signal))
      throw unknownName('closeOn() can hear no signal', signal, nearest(String(signal), SIGNALS), SIGNALS);
  let cancel: (() => void) | undefined;
  const listeners = new Map<EndSignal, () => void>();
  const forget = () => {
    cancel?.();
    for (const [signal, listener] of listeners) source?.off(signal, listener);
    listeners.clear();
  };
  for (const signal of new Set(signals)) {
    const listener = () => {
      if (cancel !== undefined) return;
      cancel = clock.schedule(SAME_WITHIN, forget);
      void close(signal).then(forget);
    };
    listeners.set(signal, listener);
    source?.on(signal, listener);
  }
  return forget;
}
