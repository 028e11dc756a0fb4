import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { HistoryReader } from '../src/history/reader.js';
import { historyWriter } from '../src/history/writer.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'velo-chaos-test-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

it('a history is read while it is written', () => {
  const path = join(folder, 'a.history');
  const reader = new HistoryReader(path);
  expect(reader.poll()).toEqual([]);
  const write = historyWriter(path);
  write({ kind: 'note', text: 'one' });
  write({ kind: 'note', text: 'two' });
  expect(reader.poll()).toMatchObject([{ text: 'one' }, { text: 'two' }]);
  write({ kind: 'note', text: 'three' });
  expect(reader.poll()).toMatchObject([{ text: 'three' }]);
  expect(reader.entries).toHaveLength(3);
});

it('a line that a kill has torn does not count, and one that is not all there yet counts later', () => {
  const path = join(folder, 'a.history');
  const reader = new HistoryReader(path);
  appendFileSync(path, '{"kind":"note","at":1,"text":"one"}\n{"kind":"note","at":2,');
  expect(reader.poll()).toHaveLength(1);
  appendFileSync(path, '"text":"two"}\n{"kind"');
  expect(reader.poll()).toMatchObject([{ text: 'two' }]);
  expect(reader.poll()).toEqual([]);
});
