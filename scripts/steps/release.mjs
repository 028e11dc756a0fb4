import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from './build.mjs';
import { publicPackages } from './public-packages.mjs';
import { capture, pnpm, ROOT, run } from './run-command.mjs';

/** What a command prints, where it must not fail. */
async function ask(command, ...args) {
  const { code, output } = await capture(command, args);
  if (code !== 0) throw new Error(`${command} ${args.join(' ')}:\n${output}`);
  return output.trim();
}

const manifests = () =>
  publicPackages().map((folder) => JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8')));

const uncommitted = () => ask('git', 'status', '--porcelain');

/** The tags that `changeset publish` makes are to name what was published. */
async function commitVersions() {
  if ((await uncommitted()) === '') return 0;
  return (
    (await run('git', ['add', '--all'])) ||
    run('git', ['commit', '--quiet', '--message', `Release ${manifests()[0].version}`])
  );
}

/**
 * With pnpm on the path, which then publishes (see only-pnpm.mjs). Of the registry, changesets looks at this variable alone: without it
 * the public one is taken, whatever npm has been told.
 */
async function publish() {
  const registry = await ask('npm', 'config', 'get', 'registry');
  console.log(`publishing to ${registry}`);
  return pnpm('exec', 'env', `npm_config_registry=${registry}`, 'changeset', 'publish');
}

/**
 * Takes in all changesets (versions, CHANGELOGs), commits that, builds, publishes what the registry does not have yet, and tags
 * it. Gives the exit code. What failed may be run again: it goes on where it was. `--no-build` publishes what is built;
 * `--check` does all of it in a copy, to a registry on loopback, and uses what was published.
 */
export async function release(args) {
  if (args.includes('--check'))
    return (await build()) || run(process.execPath, ['scripts/check-released.mjs', '--build']);
  if ((await uncommitted()) !== '') {
    console.error(
      'There are changes that are not committed, and a release names a commit. Nothing was done. Commit them or put them away.',
    );
    return 1;
  }
  const code =
    (await pnpm('exec', 'changeset', 'version')) ||
    (await commitVersions()) ||
    (!args.includes('--no-build') && (await build(manifests().map(({ name }) => `--filter=${name}`)))) ||
    (await publish());
  if (code === 0) console.log('released; the commit and its tags are yours to push: git push --follow-tags');
  return code;
}
