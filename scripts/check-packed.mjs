// Packs a public package as it is published, and checks what users would get: node scripts/check-packed.mjs packages/kafkajs
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pack } from './steps/pack.mjs';
import { capture, ROOT, tool } from './steps/run-command.mjs';

const folder = process.argv[2];
const faults = [];

async function must({ code, output }, what) {
  if (code !== 0) faults.push(`${what}:\n${output.trimEnd()}`);
  return output;
}

async function checkContents(tarball) {
  const read = (name) => capture('tar', ['-xzOf', tarball, `package/${name}`]);
  const manifest = await must(await read('package.json'), 'package.json');
  if (manifest.includes('workspace:'))
    faults.push(`package.json has a range that nobody can install:\n${manifest}`);
  const license = await must(await read('LICENSE'), 'LICENSE');
  if (license !== readFileSync(join(ROOT, 'LICENSE'), 'utf8')) faults.push('LICENSE is not that of the root');
  await must(await read('README.md'), 'README.md');
  // A command alone has nothing to import.
  if (JSON.parse(manifest).exports?.['.'] === undefined) return;
  await must(
    await capture(tool('attw'), [tarball, '--profile', 'strict', '--format', 'table']),
    'types as published',
  );
}

/** npm must not pack it: see only-pnpm.mjs. */
async function checkGuard() {
  const { code } = await capture('npm', ['pack', '--dry-run', `./${folder}`]);
  if (code === 0)
    faults.push('npm packs it: package.json lacks `"prepack": "node ../../scripts/only-pnpm.mjs"`');
}

const target = mkdtempSync(join(tmpdir(), 'velo-pack-'));
try {
  const { tarball, fault } = await pack(folder, target);
  if (tarball === undefined) faults.push(`pnpm pack:\n${fault}`);
  else {
    await checkContents(tarball);
    await must(await capture(tool('publint'), [tarball, '--strict']), 'publint');
  }
  await checkGuard();
} finally {
  rmSync(target, { recursive: true, force: true });
}
for (const fault of faults) console.error(fault);
process.exitCode = faults.length === 0 ? 0 : 1;
