import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { join, sep } from 'node:path';
import { ROOT } from '../run-command.mjs';

const MODULES = `${sep}node_modules${sep}`;

/** The folder that a package sees its dependencies in: pnpm puts them beside it. */
const modulesOf = (place) =>
  place.includes(MODULES)
    ? place.slice(0, place.lastIndexOf(MODULES) + MODULES.length)
    : join(place, 'node_modules');

/**
 * Where all packages of others lie that a package of this tree needs when it is installed, itself and in turn. Optional
 * ones that are not installed here are left out, as npm would.
 */
export function dependenciesOf(folder) {
  const found = new Set();
  const visit = (place) => {
    const manifest = JSON.parse(readFileSync(join(place, 'package.json'), 'utf8'));
    for (const name of Object.keys({ ...manifest.optionalDependencies, ...manifest.dependencies })) {
      const link = join(modulesOf(place), name);
      if (name in (manifest.optionalDependencies ?? {}) && !existsSync(link)) continue;
      const below = realpathSync(link);
      if (found.has(below)) continue;
      if (below.includes(MODULES)) found.add(below);
      visit(below);
    }
  };
  visit(join(ROOT, folder));
  return [...found];
}
