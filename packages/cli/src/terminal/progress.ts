import { formatDuration } from '@velo/retry-core';
import type { Writer } from './writer.js';

export interface ProgressState {
  readonly done: number;
  /** Undefined: nobody knows yet. */
  readonly total: number | undefined;
  /** What has been done, in words: `replayed 120 · refused 3`. */
  readonly text: string;
}

/** Between two drawings of the bar, and between two plain lines, ms. */
const LIVE_INTERVAL = 100;
const PLAIN_INTERVAL = 5_000;

/** Without news for so long, that is told, ms. */
const STILL = 15_000;

const CLEAR_LINE = '\r\u001b[2K';

const LONGEST_BAR = 30;
const SHORTEST_BAR = 8;

/** A bar on a terminal while something takes long; without a terminal a plain line now and then. */
export class Progress {
  #state: ProgressState | undefined;
  #told: string | undefined;
  #timer: NodeJS.Timeout;
  #changed: number;

  constructor(
    private readonly writer: Writer,
    /** ms, of a clock that nobody sets. */
    private readonly now = () => performance.now(),
  ) {
    this.#changed = now();
    this.#timer = setInterval(() => this.#draw(), writer.live ? LIVE_INTERVAL : PLAIN_INTERVAL);
  }

  update(state: ProgressState): void {
    if (state.done !== this.#state?.done || state.text !== this.#state.text) this.#changed = this.now();
    this.#state = state;
  }

  /** Takes the bar away. */
  stop(): void {
    clearInterval(this.#timer);
    if (this.writer.live) this.writer.write(CLEAR_LINE);
  }

  #draw(): void {
    const still = Math.floor((this.now() - this.#changed) / STILL) * STILL;
    const state = this.#state ?? { done: 0, total: undefined, text: '' };
    const waits = still === 0 ? '' : `nothing new for ${formatDuration(still)}: brokers may be away`;
    const text = [state.text, waits].filter(Boolean).join(' · ');
    if (text === '') return;
    const line = this.writer.live
      ? barLine({ ...state, text }, this.writer.width - 1)
      : plainLine({ ...state, text });
    if (line === this.#told) return;
    this.#told = line;
    this.writer.write(this.writer.live ? `${CLEAR_LINE}${line}` : `${line}\n`);
  }
}

/** `█████░░░░░  50 %  replayed 120 · refused 3`, at most `width` columns. */
export function barLine(state: ProgressState, width: number): string {
  const { done, total, text } = state;
  if (total === undefined || total === 0) return text.slice(0, width);
  const share = Math.min(1, done / total);
  const percent = `${Math.floor(100 * share)} %`.padStart(5);
  const length = Math.min(LONGEST_BAR, width - text.length - percent.length - 3);
  if (length < SHORTEST_BAR) return `${percent}  ${text}`.slice(0, width);
  const full = Math.floor(length * share);
  return `${'█'.repeat(full)}${'░'.repeat(length - full)} ${percent}  ${text}`;
}

function plainLine({ done, total, text }: ProgressState): string {
  return total === undefined ? text : `${done} of ${total}: ${text}`;
}
