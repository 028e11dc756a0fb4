/**
 * How long a text may be in a header, in bytes of UTF-8. With the names of the headers, the numbers and what the
 * record format adds, they stay below `MAX_COPY_GROWTH`.
 */
export const MAX_TOPIC = 249;
export const MAX_GROUP = 400;
export const MAX_CLASS = 256;
export const MAX_MESSAGE = 2_000;
export const MAX_STACK = 4_000;

/** What a copy can be larger than its record, in bytes, without a stack trace. */
export const MAX_COPY_GROWTH = 4_096;
/** What a stack trace (`retry.stackTraces`) adds to that, in bytes. */
export const MAX_STACK_GROWTH = 4_096;

/** The text, or as much of it as fits; `limit` in bytes of UTF-8. */
export function cut(text: string, limit: number): string {
  if (text.length * 3 <= limit) return text;
  const bytes = Buffer.from(text);
  if (bytes.length <= limit) return text;
  let end = limit - 3;
  while (((bytes[end] as number) & 0xc0) === 0x80) end--;
  return `${bytes.toString('utf8', 0, end)}…`;
}
