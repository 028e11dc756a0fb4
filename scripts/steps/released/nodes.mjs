import { capture } from '../run-command.mjs';

/** Majors of Node that velo is for. */
const MAJORS = [20, 22, 24];

const OWN = Number(process.versions.node.split('.')[0]);

/** From the npm package `node`; the user's registry is asked. */
async function fetchNode(major) {
  const ask = 'node -p process.execPath && node -p process.versions.node';
  const args = ['--prefer-offline', '--yes', '-p', `node@${major}`, '-c', ask];
  const { code, output } = await capture('npx', args);
  const told = output.trim().split('\n');
  return code === 0 ? { major, path: told.at(-2), version: told.at(-1) } : { major, missing: told[0] };
}

/** The Node that runs this, first, and others: each has the `path` of its program and its `version`, or says why it is `missing`. */
export async function nodes() {
  const others = await Promise.all(MAJORS.filter((major) => major !== OWN).map(fetchNode));
  return [{ major: OWN, path: process.execPath, version: process.versions.node }, ...others];
}
