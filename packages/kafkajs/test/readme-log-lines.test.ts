import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';

/** The README's `…` stands for what kafkajs fills in. */
const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
const table = readme.split('| kafkajs says |')[1]?.split('\n\n')[0] ?? '';
const told = [...table.matchAll(/^\| (`.+?`) \|/gm)].flatMap(([, cell]) =>
  [...(cell ?? '').matchAll(/`([^`]+)`/g)].map(([, line]) => line as string),
);

const sources = join(dirname(createRequire(import.meta.url).resolve('kafkajs/package.json')), 'src');
const lines = readdirSync(sources, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.js'))
  .flatMap((file) => readFileSync(join(sources, file), 'utf8').split('\n'));

it('the README quotes what kafkajs says', () => {
  expect(told.length).toBeGreaterThan(8);
  for (const line of told) {
    const parts = line.split('…').filter(Boolean);
    const isThere = lines.some((each) => parts.every((part) => each.includes(part)));
    expect(isThere, `no source of kafkajs has “${line}”`).toBe(true);
  }
});
