import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_INPUT } from '../src/default-input.js';
import { DemoError } from '../src/demo-error.js';
import { readInput, surveyInput } from '../src/films/input.js';

let folder: string;
let files = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'velo-demo-input-'));
});

afterAll(() => rm(folder, { recursive: true }));

async function fileOf(content: string | Buffer): Promise<string> {
  const path = join(folder, `${files++}.ndjson`);
  await writeFile(path, content);
  return path;
}

async function recordsOf(path: string) {
  const records: [number, string][] = [];
  for await (const { line, bytes } of readInput(path)) records.push([line, bytes.toString()]);
  return records;
}

describe('surveyInput', () => {
  it('counts the records of the demo’s own data', async () => {
    expect(await surveyInput(DEFAULT_INPUT)).toMatchObject({
      records: 3_201,
      badLines: 0,
      firstBadLines: [],
    });
  });

  it('names lines that are no JSON by their number, and counts the others', async () => {
    const survey = await surveyInput(await fileOf('{"a":1}\nnot json\n\n[2]\n{"a":\n7'));
    expect(survey).toMatchObject({ records: 3, badLines: 2 });
    expect(survey.firstBadLines.map(({ line }) => line)).toEqual([2, 5]);
    expect(survey.firstBadLines[0]?.problem).toMatch(/^no JSON: /);
  });

  it('names a line that is not UTF-8', async () => {
    const survey = await surveyInput(await fileOf(Buffer.from([0x31, 0x0a, 0x22, 0xff, 0x22, 0x0a])));
    expect(survey.firstBadLines).toEqual([{ line: 2, problem: 'not UTF-8 text' }]);
  });

  it('names a line that is too long for Kafka', async () => {
    const survey = await surveyInput(await fileOf(`"${'x'.repeat(2_000_000)}"\n1\n`));
    expect(survey).toMatchObject({ records: 1, bytes: 1, badLines: 1 });
    expect(survey.firstBadLines[0]).toEqual({
      line: 1,
      problem: 'longer than a Kafka message may be: 2.0 MB, the limit is 1.0 MB',
    });
  });

  it('never repeats control characters of the input', async () => {
    const survey = await surveyInput(await fileOf('1\n\u001b[2Jx\u0007\n'));
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    expect(survey.firstBadLines[0]?.problem).not.toMatch(/[\u0000-\u001f]/);
  });

  it('keeps the first hundred bad lines only', async () => {
    const survey = await surveyInput(await fileOf(`1\n${'x\n'.repeat(500)}`));
    expect(survey.badLines).toBe(500);
    expect(survey.firstBadLines).toHaveLength(100);
  });

  it.each([
    { name: 'an empty file', content: '', message: /holds no record: it is empty/ },
    { name: 'a file of blank lines', content: '\n  \r\n', message: /holds no record: it is empty/ },
    {
      name: 'a file without any JSON',
      content: 'a\nb\n',
      message: /none of its 2 lines is JSON; line 1: no JSON/,
    },
  ])('refuses $name with an explanation', async ({ content, message }) => {
    const survey = surveyInput(await fileOf(content));
    await expect(survey).rejects.toBeInstanceOf(DemoError);
    await expect(survey).rejects.toThrow(message);
  });

  it('says that a file is missing', async () => {
    await expect(surveyInput(join(folder, 'none'))).rejects.toThrow(/there is no file .*none/);
  });

  it('says that a folder is no file', async () => {
    await expect(surveyInput(folder)).rejects.toThrow(/is not a regular file/);
  });
});

describe('readInput', () => {
  it('gives each record with its line number and its own bytes', async () => {
    const path = await fileOf('\ufeff{"a": 1}\r\nbad\n\n {"b":2} \n3');
    expect(await recordsOf(path)).toEqual([
      [1, '{"a": 1}'],
      [4, ' {"b":2} '],
      [5, '3'],
    ]);
  });
});
