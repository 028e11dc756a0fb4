import { cpSync, existsSync, mkdirSync, readdirSync, realpathSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { capture, ROOT } from '../run-command.mjs';

/** Links to what the tree has installed; packages of the tree itself become those of the copy. */
function linkModules(folder, copy) {
  const modules = join(ROOT, folder, 'node_modules');
  if (!existsSync(modules)) return;
  const names = readdirSync(modules).flatMap((name) =>
    name.startsWith('@') ? readdirSync(join(modules, name)).map((below) => `${name}/${below}`) : [name],
  );
  for (const name of names.filter((each) => !each.startsWith('.'))) {
    const place = realpathSync(join(modules, name));
    const link = join(copy, folder, 'node_modules', name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(place.startsWith(join(ROOT, 'node_modules')) ? place : place.replace(ROOT, copy), link);
  }
}

/** Gives what git prints. */
export async function git(copy, ...args) {
  const { code, output } = await capture('git', args, { cwd: copy });
  if (code !== 0) throw new Error(`git ${args.join(' ')}:\n${output}`);
  return output;
}

/** A repository with the files of this tree, as they are, in one commit, with its installation and what is built. */
export async function copyRepository(copy) {
  const { output } = await capture('git', ['ls-files', '-co', '--exclude-standard', '-z']);
  for (const file of output.split('\0').filter((name) => name !== '' && existsSync(join(ROOT, name))))
    cpSync(join(ROOT, file), join(copy, file));
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  for (const name of readdirSync(join(ROOT, 'packages'))) {
    linkModules(`packages/${name}`, copy);
    const built = join(ROOT, 'packages', name, 'dist');
    if (existsSync(built)) cpSync(built, join(copy, 'packages', name, 'dist'), { recursive: true });
  }
  await git(copy, 'init', '--quiet', '--initial-branch', 'main');
  await git(copy, 'config', 'user.name', 'velo');
  await git(copy, 'config', 'user.email', 'velo@localhost');
  await git(copy, 'config', 'commit.gpgsign', 'false');
  await git(copy, 'config', 'core.excludesFile', '');
  await git(copy, 'add', '--all');
  await git(copy, 'commit', '--quiet', '--message', 'The tree as it is');
}
