/** The longest line that is read, in bytes: a record of 100 MB in base64, and its headers. */
const LONGEST = 256 * 1024 * 1024;

/** The lines of a stream, numbered from 1, without empty ones. @throws {RangeError} for a line that is longer than 256 MiB */
export async function* linesOf(
  stream: AsyncIterable<Buffer | string>,
): AsyncGenerator<{ readonly number: number; readonly line: string }> {
  let number = 0;
  let parts: Buffer[] = [];
  let size = 0;
  const take = (): { number: number; line: string } => {
    number++;
    const line = Buffer.concat(parts).toString('utf8').trim();
    parts = [];
    size = 0;
    return { number, line };
  };
  for await (const chunk of stream) {
    let rest = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      parts.push(rest.subarray(0, end));
      const taken = take();
      if (taken.line !== '') yield taken;
      rest = rest.subarray(end + 1);
    }
    parts.push(rest);
    size += rest.length;
    if (size > LONGEST) throw new RangeError(`line ${number + 1} is longer than ${LONGEST} bytes`);
  }
  const last = take();
  if (last.line !== '') yield last;
}
