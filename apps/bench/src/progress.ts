/** The part of a terminal or a pipe that is written to. */
export interface Output {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

const CLEAR_LINE = '\r\u001b[2K';

/** One line that says what is being done: drawn over on a terminal, a line each without one. */
export class Progress {
  constructor(private readonly output: Output) {}

  show(text: string): void {
    if (!this.output.isTTY) this.output.write(`${text}\n`);
    else this.output.write(`${CLEAR_LINE}${text.slice(0, (this.output.columns ?? 80) - 1)}`);
  }

  /** A line that stays. */
  log(text: string): void {
    this.output.write(`${this.output.isTTY ? CLEAR_LINE : ''}${text}\n`);
  }

  /** Takes the line away. */
  end(): void {
    if (this.output.isTTY) this.output.write(CLEAR_LINE);
  }
}
