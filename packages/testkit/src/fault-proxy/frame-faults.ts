/** What a client gets in place of an answer. */
export interface SpoiledAnswer {
  readonly bytes: Buffer;
  /** The connection is closed behind it. @default false */
  readonly close?: boolean;
}

export type FrameFault = (answer: Buffer) => SpoiledAnswer;

/** Of an answer's size, and of its size and correlation id. */
const SIZE = 4;
const HEADER = 8;
const MAX_INT = 2 ** 31 - 1;

/**
 * What no broker should send. Kafka's answers are a size in four bytes, a correlation id, and the rest; small ones come in
 * one piece.
 */
export const frameFaults = {
  /** An answer of no bytes. */
  empty: () => ({ bytes: Buffer.alloc(SIZE) }),
  /** Too short for a correlation id. */
  short: () => ({ bytes: Buffer.from([0, 0, 0, 2, 1, 2]) }),
  negative: (answer) => ({ bytes: sized(answer, -1) }),
  /** Of 2 GB, it says. */
  huge: (answer) => ({ bytes: sized(answer, MAX_INT) }),
  /** Of some bytes more than ever come. */
  long: (answer) => ({ bytes: sized(answer, answer.length + 1_000_000) }),
  /** Cut off in its middle. */
  cut: (answer) => ({ bytes: answer.subarray(0, Math.max(SIZE + 1, answer.length >> 1)), close: true }),
  /** Tells the client to keep silent for 24 days: where the answer begins with a throttle time, and that is 0. */
  throttled: (answer) => {
    const bytes = Buffer.from(answer);
    if (bytes.length >= HEADER + 6 && bytes.readInt32BE(HEADER) === 0) bytes.writeInt32BE(MAX_INT, HEADER);
    return { bytes };
  },
} as const satisfies Readonly<Record<string, FrameFault>>;

function sized(answer: Buffer, size: number): Buffer {
  const bytes = Buffer.from(answer);
  if (bytes.length >= SIZE) bytes.writeInt32BE(size);
  return bytes;
}
