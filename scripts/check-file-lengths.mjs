// Fails where a source file of a package or an app is long and does not say at its head why it is one file.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './steps/run-command.mjs';

/** Lines. Longer ones need a reason. */
const MOST = 250;
/** Lines from the top, in which the reason stands. */
const HEAD = 3;
const REASON = /One file, (since|so that) /;

const sources = ['packages', 'apps'].flatMap((part) =>
  readdirSync(join(ROOT, part)).flatMap((name) => {
    const folder = `${part}/${name}/src`;
    return filesOf(folder).map((file) => `${folder}/${file}`);
  }),
);

function filesOf(folder) {
  try {
    return readdirSync(join(ROOT, folder), { recursive: true }).filter(
      (file) => file.endsWith('.ts') && !file.endsWith('.generated.ts'),
    );
  } catch {
    return []; // no sources in TypeScript
  }
}

let found = 0;
for (const file of sources) {
  const lines = readFileSync(join(ROOT, file), 'utf8').trimEnd().split('\n');
  if (lines.length <= MOST || lines.slice(0, HEAD).some((line) => REASON.test(line))) continue;
  console.error(
    `${file} has ${lines.length} lines, and no reason at its head. Split it where a second concept begins; if there is none, say so in line 1: "// One file, since …".`,
  );
  found++;
}
if (found > 0) process.exitCode = 1;
