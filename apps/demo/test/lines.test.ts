import { describe, expect, it } from 'vitest';
import { splitLines } from '../src/films/lines.js';

async function linesOf(chunks: readonly (string | Buffer)[], maxBytes = 100) {
  async function* stream() {
    for (const chunk of chunks) yield Buffer.from(chunk);
  }
  const lines: (readonly [number, string | undefined])[] = [];
  for await (const { number, bytes } of splitLines(stream(), maxBytes))
    lines.push([number, bytes?.toString()]);
  return lines;
}

describe('splitLines', () => {
  it.each([
    { name: 'nothing', chunks: [], lines: [] },
    { name: 'an empty chunk', chunks: [''], lines: [] },
    {
      name: 'lines ended by \\n',
      chunks: ['a\nb\n'],
      lines: [
        [1, 'a'],
        [2, 'b'],
      ],
    },
    {
      name: 'a last line without an end',
      chunks: ['a\nb'],
      lines: [
        [1, 'a'],
        [2, 'b'],
      ],
    },
    {
      name: 'lines ended by \\r\\n',
      chunks: ['a\r\nb\r\n'],
      lines: [
        [1, 'a'],
        [2, 'b'],
      ],
    },
    {
      name: 'empty lines',
      chunks: ['\n\r\na'],
      lines: [
        [1, ''],
        [2, ''],
        [3, 'a'],
      ],
    },
    {
      name: 'a line over several chunks',
      chunks: ['a', 'b', '', 'c\nd'],
      lines: [
        [1, 'abc'],
        [2, 'd'],
      ],
    },
    {
      name: 'an end of line cut in two',
      chunks: ['a\r', '\nb'],
      lines: [
        [1, 'a'],
        [2, 'b'],
      ],
    },
    {
      name: 'a byte order mark',
      chunks: ['\ufeffa\nb'],
      lines: [
        [1, 'a'],
        [2, 'b'],
      ],
    },
    { name: 'a byte order mark alone', chunks: ['\ufeff'], lines: [[1, '']] },
    {
      name: 'a mark that is not at the start',
      chunks: ['a\n\ufeffb'],
      lines: [
        [1, 'a'],
        [2, '\ufeffb'],
      ],
    },
  ])('reads $name', async ({ chunks, lines }) => {
    expect(await linesOf(chunks)).toEqual(lines);
  });

  it('reads the same however the bytes are cut', async () => {
    const text = '\ufeffzuerst\r\nä\n\n東京\nend';
    const bytes = Buffer.from(text);
    for (let size = 1; size <= bytes.length; size++) {
      const chunks = [];
      for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
      expect(await linesOf(chunks)).toEqual([
        [1, 'zuerst'],
        [2, 'ä'],
        [3, ''],
        [4, '東京'],
        [5, 'end'],
      ]);
    }
  });

  it('keeps only the size of a line above the limit, and goes on after it', async () => {
    async function* stream() {
      yield Buffer.from('ok\n');
      for (let i = 0; i < 50; i++) yield Buffer.alloc(10, 'x');
      yield Buffer.from('\nok\n');
    }
    const lines = [];
    for await (const line of splitLines(stream(), 100))
      lines.push({ ...line, bytes: line.bytes?.toString() });
    expect(lines).toEqual([
      { number: 1, bytes: 'ok', size: 2 },
      { number: 2, bytes: undefined, size: 500 },
      { number: 3, bytes: 'ok', size: 2 },
    ]);
  });
});
