import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './run-command.mjs';

/** Folders of the packages that are published. */
export function publicPackages() {
  return readdirSync(join(ROOT, 'packages'))
    .map((name) => `packages/${name}`)
    .filter(
      (folder) => JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8')).private !== true,
    );
}
