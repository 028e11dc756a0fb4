const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

export interface Line {
  /** 1 is the first. */
  readonly number: number;
  /** Without its end of line; `undefined` if it is longer than the limit. */
  readonly bytes: Buffer | undefined;
  /** In bytes, without `\n`. */
  readonly size: number;
}

/**
 * The lines of a byte stream, numbered; `\n` and `\r\n` end a line, a byte order mark at the start is dropped.
 * Of a line longer than `maxBytes` only the size is kept, so that memory stays bounded whatever the file.
 */
export async function* splitLines(chunks: AsyncIterable<Buffer>, maxBytes: number): AsyncGenerator<Line> {
  const open = new OpenLine(maxBytes);
  let number = 1;
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      open.add(chunk.subarray(start, end));
      yield open.close(number++);
      start = end + 1;
    }
    open.add(chunk.subarray(start));
  }
  if (open.size > 0) yield open.close(number);
}

/** The line whose end has not been seen yet. */
class OpenLine {
  size = 0;
  private parts: Buffer[] = [];

  constructor(private readonly maxBytes: number) {}

  add(part: Buffer): void {
    this.size += part.length;
    if (this.size > this.maxBytes) this.parts = [];
    else if (part.length > 0) this.parts.push(part);
  }

  close(number: number): Line {
    const size = this.size;
    const bytes = size > this.maxBytes ? undefined : trim(Buffer.concat(this.parts), number === 1);
    this.size = 0;
    this.parts = [];
    return { number, bytes, size };
  }
}

function trim(bytes: Buffer, first: boolean): Buffer {
  const start = first && bytes.subarray(0, 3).equals(BYTE_ORDER_MARK) ? 3 : 0;
  const end = bytes.at(-1) === CARRIAGE_RETURN ? bytes.length - 1 : bytes.length;
  return bytes.subarray(start, Math.max(start, end));
}
