// Fails where a published package quotes an error as it is. Whoever can make a handler fail chooses such texts: they may
// hold control characters, lines that look like a log's, and secrets. `foreignMessage` and `foreignText` of the core take
// those out.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SOURCES = ['packages/*/src/**/*.ts', ':!packages/testkit'];

/** An error's text inside of a template. */
const QUOTED = /\$\{[^}]*?(?:\bmessageOf\(|\.(?:message|stack)\b|\bString\((?:error|cause|reason)\))/g;
const CLEANED = /\bforeign(?:Text|Message)\(/;

/** Errors that velo makes of a client's own words, to be classified: whoever quotes them cleans them. */
const RAW = new Set(['packages/librdkafka/src/errors/faults.ts']);

const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z', ...SOURCES], {
  cwd: ROOT,
  encoding: 'utf8',
}).split('\0');

let found = 0;
for (const file of files) {
  if (file === '' || RAW.has(file)) continue;
  const text = readFileSync(ROOT + file, 'utf8');
  for (const { 0: quoted, index } of text.matchAll(QUOTED)) {
    if (CLEANED.test(quoted)) continue;
    const line = text.slice(0, index).split('\n').length;
    console.error(`${file}:${line}: an error's text as it is; use foreignMessage(): ${quoted}`);
    found++;
  }
}
process.exitCode = found === 0 ? 0 : 1;
