#!/usr/bin/env node
// Makes data/films.ndjson from movies.json of the npm package vega-datasets.
//
//   cd "$(mktemp -d)" && npm pack vega-datasets@2.11.0 && tar xzf vega-datasets-2.11.0.tgz
//   node …/apps/demo/scripts/extract-films.mjs package/data/movies.json
//
// All rows, in their order, the needed columns only, every value as it stands: the dirt is what the demo is about.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const COLUMNS = [
  'Title',
  'Release Date',
  'Director',
  'Distributor',
  'Major Genre',
  'Production Budget',
  'US Gross',
  'Worldwide Gross',
  'IMDB Rating',
];

const source = process.argv[2];
if (source === undefined) {
  console.error('usage: extract-films.mjs MOVIES_JSON');
  process.exit(2);
}
const rows = JSON.parse(readFileSync(source, 'utf8'));
const lines = rows.map((row) => JSON.stringify(Object.fromEntries(COLUMNS.map((name) => [name, row[name]]))));
const target = fileURLToPath(new URL('../data/films.ndjson', import.meta.url));
writeFileSync(target, `${lines.join('\n')}\n`);
console.log(`${lines.length} films written to ${target}`);
