import { createColors } from 'picocolors';
import type { Colors } from 'picocolors/types.js';

/** The part of a stream that is written to. */
export interface Sink {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
  readonly writableNeedDrain?: boolean | undefined;
  once?(event: 'drain' | 'close', listener: () => void): unknown;
}

/** Columns where there is no terminal that tells them. */
const PLAIN_WIDTH = 100;

/** One of the two streams that a command writes to, and what can be shown there. */
export interface Writer {
  /** Somebody looks at it: colours and moving lines are welcome. */
  readonly live: boolean;
  readonly colors: Colors;
  /** Columns of the terminal; 100 without one. */
  readonly width: number;
  write(text: string): void;
  line(text?: string): void;
  /** Waits where whoever reads is slower: what is written waits in memory. */
  drained(): Promise<void>;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** @param sink a terminal is told by its `isTTY`; `NO_COLOR` and `TERM=dumb` are kept */
export function writerTo(sink: Sink, env: Environment): Writer {
  const live = sink.isTTY === true && env.TERM !== 'dumb';
  return {
    live,
    colors: createColors(live && (env.NO_COLOR ?? '') === ''),
    get width() {
      return (live && sink.columns) || PLAIN_WIDTH;
    },
    write: (text) => void sink.write(text),
    line: (text = '') => void sink.write(`${text}\n`),
    drained: async () => {
      if (sink.writableNeedDrain !== true) return;
      await new Promise<void>((resolve) => {
        sink.once?.('drain', resolve);
        sink.once?.('close', resolve);
      });
    },
  };
}
