import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { capturePnpm } from './run-command.mjs';

/** Packs a package as it is published, into an empty folder. Gives its tarball, or what pnpm has said instead. */
export async function pack(folder, target) {
  mkdirSync(target, { recursive: true });
  const { code, output } = await capturePnpm('--dir', folder, 'pack', '--pack-destination', target);
  const [name] = readdirSync(target);
  return code === 0 && name !== undefined ? { tarball: join(target, name) } : { fault: output.trimEnd() };
}
