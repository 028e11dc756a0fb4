import type { Colors } from 'picocolors/types.js';
import { wrap } from '../format.js';
import type { Progress } from './progress.js';
import type { Timeline } from './timeline.js';

/** Indentation of text that belongs to the line above it. */
const INDENT = ' '.repeat(12);

/** The story of the run, line by line, each with its time. */
export class Journal {
  constructor(
    private readonly progress: Progress,
    private readonly timeline: Timeline,
    private readonly colors: Colors,
  ) {}

  /** Something that happens as it should. */
  note(text: string): void {
    this.line(this.colors.dim('·'), text);
  }

  /** Something goes out of order. */
  fault(text: string): void {
    this.line(this.colors.red('✖'), text);
  }

  /** Something is in order again, or done. */
  good(text: string): void {
    this.line(this.colors.green('✔'), text);
  }

  /** What velo says, in its own words, below a line. */
  quote(text: string): void {
    const lines = wrap(text.trimEnd(), this.progress.width - INDENT.length - 2);
    this.progress.log(lines.map((line) => `${INDENT}${this.colors.cyan('│')} ${line}`.trimEnd()).join('\n'));
  }

  private line(mark: string, text: string): void {
    const time = `${(this.timeline.elapsed / 1_000).toFixed(1)} s`.padStart(8);
    const lines = wrap(text, this.progress.width - INDENT.length);
    this.progress.log(`${this.colors.dim(time)}  ${mark} ${lines.join(`\n${INDENT}`)}`);
  }
}
