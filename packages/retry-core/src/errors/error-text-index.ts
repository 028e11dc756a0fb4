import { type KafkaErrorRow, kafkaErrorRows } from './kafka-error-code.js';

/** Places for the texts of the table, a power of two: with 200 texts most others meet an empty place. */
const PLACES = 2048;

/** No text of the table is longer; a test checks it. */
const LONGEST = 127;

interface TextIndex {
  /** By length of text: one bit for each first letter that a text of this length has. */
  readonly firstLetters: Int32Array;
  /** Index of a row of the table, or -1. */
  readonly rowAt: Int16Array;
  /** The whole hash of the text at that place, to refuse most others without comparing. */
  readonly hashAt: Int32Array;
  readonly rows: readonly KafkaErrorRow[];
}

let index: TextIndex | undefined;

/**
 * The row whose text stands in `message` from `start` to `end`, any case. Length and first letter, then a hash of four
 * characters turn nearly every other message away within a few nanoseconds; no string is made.
 */
export function findRowByText(message: string, start: number, end: number): KafkaErrorRow | undefined {
  const { firstLetters, rowAt, hashAt, rows } = index ?? buildIndex();
  const length = end - start;
  if (length > LONGEST || ((firstLetters[length] as number) & (1 << (message.charCodeAt(start) & 31))) === 0)
    return undefined;
  const hash = hashOf(message, start, end);
  for (let place = hash & (PLACES - 1); (rowAt[place] as number) >= 0; place = (place + 1) & (PLACES - 1)) {
    if (hashAt[place] !== hash) continue;
    const row = rows[rowAt[place] as number] as KafkaErrorRow;
    if (row.text.length === length && equalsAt(message, start, row.text)) return row;
  }
  return undefined;
}

/** Whether `message` holds `text`, which is in lower case, at `start`; ASCII letters match in any case. */
export function equalsAt(message: string, start: number, text: string): boolean {
  for (let offset = 0; offset < text.length; offset += 1) {
    if (fold(message.charCodeAt(start + offset)) !== text.charCodeAt(offset)) return false;
  }
  return true;
}

function fold(code: number): number {
  return code >= 65 && code <= 90 ? code | 32 : code;
}

function hashOf(message: string, start: number, end: number): number {
  const length = end - start;
  let hash = length;
  hash = (Math.imul(hash, 31) + (message.charCodeAt(start) | 32)) | 0;
  hash = (Math.imul(hash, 31) + (message.charCodeAt(start + (length >> 2)) | 32)) | 0;
  hash = (Math.imul(hash, 31) + (message.charCodeAt(start + (length >> 1)) | 32)) | 0;
  return (Math.imul(hash, 31) + (message.charCodeAt(end - 2) | 32)) | 0;
}

function buildIndex(): TextIndex {
  const rows = kafkaErrorRows();
  const firstLetters = new Int32Array(LONGEST + 1);
  const rowAt = new Int16Array(PLACES).fill(-1);
  const hashAt = new Int32Array(PLACES);
  rows.forEach(({ text }, row) => {
    if (isMarker(text)) return;
    firstLetters[text.length] = (firstLetters[text.length] as number) | (1 << (text.charCodeAt(0) & 31));
    const hash = hashOf(text, 0, text.length);
    let place = hash & (PLACES - 1);
    while ((rowAt[place] as number) >= 0) place = (place + 1) & (PLACES - 1);
    rowAt[place] = row;
    hashAt[place] = hash;
  });
  index = { firstLetters, rowAt, hashAt, rows };
  return index;
}

/** librdkafka has no text for the two codes that mark where its own codes begin and end. */
function isMarker(text: string): boolean {
  return text === 'begin' || text === 'end';
}
