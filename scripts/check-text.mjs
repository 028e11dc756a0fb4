// Fails where a file names a package registry's host or a folder of somebody's machine.
import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** The registry in use here, so that a private mirror is found without being named. */
function registryHost() {
  const url = execFileSync('npm', ['config', 'get', 'registry'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return new URL(url.trim()).host;
}

const literally = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

const PATTERNS = [
  { what: "a registry's host", pattern: new RegExp(literally(registryHost())) },
  { what: "a registry's host", pattern: /\b(registry|repo1?|proxy)\.(npmjs|yarnpkg|maven|golang)\b/ },
  { what: 'a path of one machine', pattern: /(?<![\w.$}/-])\/(root|home\/\w+|Users\/\w+|work)\// },
];

const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], {
  cwd: ROOT,
  encoding: 'utf8',
})
  .split('\0')
  .filter((file) => file !== '' && statSync(ROOT + file, { throwIfNoEntry: false })?.isFile());

let found = 0;
for (const file of files) {
  for (const [index, line] of readFileSync(ROOT + file, 'utf8')
    .split('\n')
    .entries()) {
    for (const { what, pattern } of PATTERNS) {
      if (!pattern.test(line)) continue;
      console.error(`${file}:${index + 1}: ${what}: ${line.trim().slice(0, 120)}`);
      found++;
    }
  }
}
process.exitCode = found === 0 ? 0 : 1;
