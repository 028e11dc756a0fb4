import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pnpm, ROOT } from './run-command.mjs';

const MODULES = join(ROOT, 'node_modules');
const STAMP = join(MODULES, '.velo-install');
const NODE_MAJOR = process.versions.node.split('.')[0];

/** What an installation follows from; node-rdkafka is compiled for one Node major. */
function wanted() {
  const lock = createHash('sha256')
    .update(readFileSync(join(ROOT, 'pnpm-lock.yaml')))
    .digest('hex');
  return { lock, node: `${process.platform}-${process.arch}-${NODE_MAJOR}` };
}

function present() {
  try {
    return JSON.parse(readFileSync(STAMP, 'utf8'));
  } catch {
    return {};
  }
}

/** pnpm would keep an addon of another Node: without its folder, it fetches or compiles the right one. */
function dropCompiled() {
  const store = join(MODULES, '.pnpm');
  if (!existsSync(store)) return;
  for (const name of readdirSync(store)) {
    if (name.startsWith('node-rdkafka@')) rmSync(join(store, name), { recursive: true });
  }
}

const missing = (command) => spawnSync('sh', ['-c', `command -v ${command}`]).status !== 0;

/** node-rdkafka compiles librdkafka; say what for, if the tools are not there. */
function explainFailure() {
  const absent = ['cc', 'c++', 'make', 'python3'].filter(missing);
  if (absent.length === 0) return;
  const remedy =
    process.platform === 'darwin' ? 'xcode-select --install' : 'apt-get install build-essential python3';
  console.error(
    `\nThis machine lacks ${absent.join(', ')}, which compile librdkafka (once). Remedy: ${remedy}`,
  );
}

/** Installs the dependencies unless they stand there as the lockfile says; gives the exit code. */
export async function installIfStale() {
  const [want, have] = [wanted(), present()];
  if (want.lock === have.lock && want.node === have.node) return 0;
  if (have.node !== want.node) dropCompiled();
  console.log(
    'installing dependencies; the first time on a machine, librdkafka is compiled (about a minute)',
  );
  const code = await pnpm('install', '--frozen-lockfile');
  if (code === 0) writeFileSync(STAMP, JSON.stringify(want));
  else explainFailure();
  return code;
}
