import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { publicPackages } from '../public-packages.mjs';
import { capture, ROOT } from '../run-command.mjs';
import { expect, must } from './faults.mjs';
import { copyRepository, git } from './working-copy.mjs';

const readManifest = (root, folder) => JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));

/** `npm run release`, in the copy. */
const release = async (registry, copy, ...args) =>
  must(
    await registry.publish(copy, process.execPath, 'scripts/run.mjs', 'release', ...args),
    'npm run release',
  );

/** A package as it is installed here: npm would leave out what its `.npmignore` names. */
export async function publishAgain(registry, scratch, place) {
  const folder = mkdtempSync(join(scratch, 'again-'));
  cpSync(place, join(folder, 'package'), { recursive: true });
  must(await capture('tar', ['-czf', '../again.tgz', 'package'], { cwd: folder }), `packing ${place}`);
  const args = ['publish', '--ignore-scripts', '../../again.tgz'];
  must(await registry.publish(join(folder, 'package'), 'npm', ...args), `publishing ${place}`);
}

async function checkRelease(registry, copy, folder, [first, second]) {
  const { name, version, peerDependencies } = readManifest(copy, folder);
  expect(`version of ${name}`, version, second);
  expect(`peers of ${name}`, peerDependencies, readManifest(ROOT, folder).peerDependencies);
  const versions = must(await registry.npm(copy, 'view', name, 'versions', '--json'), `npm view ${name}`);
  expect(`published versions of ${name}`, JSON.parse(versions), [first, second]);
  const changelog = readFileSync(join(copy, folder, 'CHANGELOG.md'), 'utf8');
  const versionsTold = [...changelog.matchAll(/^## (.*)$/gm)].map(([, each]) => each);
  expect(`CHANGELOG of ${name}`, versionsTold.slice(0, 2), [second, first]);
  const tags = await git(copy, 'tag', '--points-at', 'HEAD');
  expect(`tag of ${name}`, tags.split('\n').includes(`${name}@${second}`), true);
}

/** Releases a copy of this tree, then a change of one package. Gives the second version; `args` are for the first release. */
export async function releaseTwice(registry, copy, args) {
  await copyRepository(copy);
  await release(registry, copy, ...args);
  const first = readManifest(copy, 'packages/engine').version;
  const change = '---\n"@velo/engine": patch\n---\n\nA fault is mended.\n';
  writeFileSync(join(copy, '.changeset', 'a-mended-fault.md'), change);
  await git(copy, 'add', '--all');
  await git(copy, 'commit', '--quiet', '--message', 'A change');
  // Nothing has changed but versions: what was built is published again.
  await release(registry, copy, '--no-build');
  const second = first.replace(/\d+$/, (patch) => Number(patch) + 1);
  for (const folder of publicPackages()) await checkRelease(registry, copy, folder, [first, second]);
  expect('what is left to commit', await git(copy, 'status', '--porcelain'), '');
  return second;
}
