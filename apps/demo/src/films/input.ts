import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { DemoError } from '../demo-error.js';
import { formatBytes, formatCount, printable } from '../format.js';
import { type Line, splitLines } from './lines.js';

/** Bytes of one line: Kafka's own default for a message is 1 MiB with its headers. */
const MAX_LINE_BYTES = 1_000_000;

/** Bad lines that are kept to be shown; the others are counted only. */
const KEPT_BAD_LINES = 100;

/** A line of the input that is JSON. */
export interface InputRecord {
  /** 1 is the first line of the file. */
  readonly line: number;
  /** As it stands in the file, without its end of line. */
  readonly bytes: Buffer;
}

/** A line of the input that is not sent, and why. */
interface BadLine {
  readonly line: number;
  readonly problem: string;
}

/** What a first pass over the input found. */
export interface InputSurvey {
  readonly path: string;
  readonly records: number;
  /** Of all records together. */
  readonly bytes: number;
  readonly badLines: number;
  /** The first hundred. */
  readonly firstBadLines: readonly BadLine[];
}

/**
 * Reads the input once, before anything starts: the number of records, and every bad line.
 *
 * @throws {DemoError} if the file cannot be read or holds no record
 */
export async function surveyInput(path: string): Promise<InputSurvey> {
  await assertReadable(path);
  const firstBadLines: BadLine[] = [];
  let records = 0;
  let bytes = 0;
  let badLines = 0;
  for await (const line of fileLines(path)) {
    const problem = problemOf(line);
    if (problem !== undefined) {
      badLines++;
      if (firstBadLines.length < KEPT_BAD_LINES) firstBadLines.push({ line: line.number, problem });
    } else if (!isBlank(line)) {
      records++;
      bytes += line.size;
    }
  }
  const survey = { path, records, bytes, badLines, firstBadLines };
  if (records === 0) throw new DemoError(explainEmpty(survey));
  return survey;
}

/** The input's records, one by one; bad and blank lines are passed over. */
export async function* readInput(path: string): AsyncGenerator<InputRecord> {
  for await (const line of fileLines(path)) {
    if (line.bytes !== undefined && !isBlank(line) && problemOf(line) === undefined) {
      yield { line: line.number, bytes: line.bytes };
    }
  }
}

async function* fileLines(path: string): AsyncGenerator<Line> {
  try {
    yield* splitLines(createReadStream(path), MAX_LINE_BYTES);
  } catch (error) {
    throw new DemoError(`cannot read ${printable(path)}: ${printable((error as Error).message)}`);
  }
}

async function assertReadable(path: string): Promise<void> {
  const stats = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw new DemoError(
      error.code === 'ENOENT'
        ? `there is no file ${printable(path)}`
        : `cannot read ${printable(path)}: ${printable(error.message)}`,
    );
  });
  if (!stats.isFile()) {
    throw new DemoError(
      `${printable(path)} is not a regular file: the input is read twice, so it must be one`,
    );
  }
}

function isBlank(line: Line): boolean {
  return line.bytes !== undefined && line.bytes.toString('latin1').trim() === '';
}

function problemOf(line: Line): string | undefined {
  if (line.bytes === undefined) {
    return `longer than a Kafka message may be: ${formatBytes(line.size)}, the limit is ${formatBytes(MAX_LINE_BYTES)}`;
  }
  if (isBlank(line)) return undefined;
  if (!isUtf8(line.bytes)) return 'not UTF-8 text';
  try {
    JSON.parse(line.bytes.toString());
    return undefined;
  } catch (error) {
    return `no JSON: ${printable((error as Error).message)}`;
  }
}

function explainEmpty(survey: InputSurvey): string {
  const first = survey.firstBadLines[0];
  const found =
    first === undefined
      ? 'it is empty'
      : `none of its ${formatCount(survey.badLines)} lines is JSON; line ${first.line}: ${first.problem}`;
  return `${survey.path} holds no record: ${found}. Wanted is NDJSON: one JSON value on each line.`;
}
