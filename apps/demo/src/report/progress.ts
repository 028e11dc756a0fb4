import { formatCount, formatMs } from '../format.js';

/** What the progress line says. */
export interface ProgressState {
  /** Milliseconds since the start of the run. */
  readonly elapsed: number;
  readonly total: number;
  readonly produced: number;
  readonly handled: number;
  readonly deadLettered: number;
  /** Films that wait in a tier. */
  readonly waiting: number;
}

/** The part of a terminal or a pipe that is written to. */
export interface Output {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

/** Milliseconds between two drawings of the bar, and between two plain lines. */
const LIVE_INTERVAL = 100;
const PLAIN_INTERVAL = 2_000;

const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';
const CLEAR_LINE = '\r\u001b[2K';

/** Lines of text, and below them a live bar on a terminal; without one, a plain line now and then. */
export class Progress {
  private timer: NodeJS.Timeout | undefined;
  private state: (() => ProgressState) | undefined;
  private lastPlain = '';
  private readonly live: boolean;

  constructor(private readonly output: Output) {
    this.live = output.isTTY === true;
  }

  /** Characters in a line; unlimited without a terminal. */
  get width(): number {
    return this.live ? (this.output.columns ?? 80) : Number.POSITIVE_INFINITY;
  }

  /** Writes lines of text above the bar. */
  log(text: string): void {
    if (this.live && this.timer !== undefined) {
      this.output.write(`${CLEAR_LINE}${text}\n`);
      this.draw();
    } else this.output.write(`${text}\n`);
  }

  /** Shows the progress until `stop`. */
  start(state: () => ProgressState): void {
    this.state = state;
    if (this.live) this.output.write(HIDE_CURSOR);
    this.timer = setInterval(() => this.draw(), this.live ? LIVE_INTERVAL : PLAIN_INTERVAL);
  }

  /** Takes the bar away. Twice is fine. */
  stop(): void {
    if (this.timer === undefined) return;
    clearInterval(this.timer);
    this.timer = undefined;
    if (this.live) this.output.write(`${CLEAR_LINE}${SHOW_CURSOR}`);
  }

  private draw(): void {
    if (this.state === undefined) return;
    const state = this.state();
    if (this.live) this.output.write(`${CLEAR_LINE}${barLine(state, (this.output.columns ?? 80) - 1)}`);
    else {
      const line = numbersLine(state);
      if (line !== this.lastPlain) this.output.write(`${formatMs(state.elapsed).padStart(8)}  ${line}\n`);
      this.lastPlain = line;
    }
  }
}

/** `█████▒░░░  62 %  produced 2,001 · handled 1,802 · …` in at most `width` characters. */
export function barLine(state: ProgressState, width: number): string {
  const { total, produced, handled, deadLettered } = state;
  const share = total === 0 ? 0 : (handled + deadLettered) / total;
  const percent = `${Math.floor(100 * share)} %`.padStart(5);
  const numbers = numbersLine(state);
  const length = Math.min(30, width - numbers.length - percent.length - 3);
  if (length < 8) return `${percent}  ${numbers}`.slice(0, Math.max(0, width));
  const full = Math.floor(length * share);
  const sent = Math.max(0, Math.round((length * produced) / Math.max(1, total)) - full);
  const bar = '█'.repeat(full) + '▒'.repeat(sent) + '░'.repeat(Math.max(0, length - full - sent));
  return `${bar} ${percent}  ${numbers}`;
}

function numbersLine({ produced, handled, deadLettered, waiting }: ProgressState): string {
  return [
    `produced ${formatCount(produced)}`,
    `handled ${formatCount(handled)}`,
    `in tiers ${formatCount(waiting)}`,
    `dead ${formatCount(deadLettered)}`,
  ].join(' · ');
}
