// The packages that bring Node are dependencies of this folder alone: each has a `node` in its `bin`, which would stand
// before the machine's own in all scripts of a package that depends on it.
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** What @platformatic/kafka needs. */
export const NEWER = [
  [22, 22],
  [24, 6],
];

/** Whether a version, such as `20.20.2`, is one of those, or of a later line. */
export function isNewer(version) {
  const [major, minor] = version.split('.').map(Number);
  const last = NEWER.at(-1)[0];
  return major > last || NEWER.some(([line, least]) => major === line && minor >= least);
}

/** The path of a Node that a process with this client of Kafka's can run on: the running one, but for @platformatic/kafka. */
export function nodeForClient(client) {
  const node = client === 'platformatic' ? newerNode() : process.execPath;
  if (node === undefined) throw new Error('@platformatic/kafka needs Node 22.22, 24.6 or newer');
  return node;
}

/** The path of a Node that is new enough: the running one, or one from the registry; undefined where there is none. */
export function newerNode() {
  if (isNewer(process.versions.node)) return process.execPath;
  try {
    const name = `node-${process.platform}-${process.arch}`;
    return join(dirname(createRequire(import.meta.url).resolve(`${name}/package.json`)), 'bin', 'node');
  } catch {
    return undefined;
  }
}
