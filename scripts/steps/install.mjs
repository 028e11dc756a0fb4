import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pnpm, ROOT } from './run-command.mjs';

const MODULES = join(ROOT, 'node_modules');
const STAMP = join(MODULES, '.velo-install');
const NODE_MAJOR = process.versions.node.split('.')[0];

/** Confluent's client, which takes minutes to compile. */
const CONFLUENT = '@confluentinc/kafka-javascript';
const ADDON = 'build/Release/confluent-kafka-javascript.node';
const hasConfluent = () => existsSync(join(ROOT, 'packages/confluent/node_modules', CONFLUENT, ADDON));

/** What an installation follows from; addons are compiled for one Node major. */
function wanted() {
  const lock = createHash('sha256')
    .update(readFileSync(join(ROOT, 'pnpm-lock.yaml')))
    .digest('hex');
  return { lock, node: `${process.platform}-${process.arch}-${NODE_MAJOR}` };
}

/** For pnpm: all that pnpm-workspace.yaml has compiled, but Confluent's client. */
const WITHOUT_CONFLUENT = [
  ...['esbuild', 'node-rdkafka'].map((name) => `--config.only-built-dependencies=${name}`),
  ...['koffi', CONFLUENT].map((name) => `--config.ignored-built-dependencies=${name}`),
];

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
    if (/^(node-rdkafka|@confluentinc\+kafka-javascript)@/.test(name))
      rmSync(join(store, name), { recursive: true });
  }
}

const missing = (command) => spawnSync('sh', ['-c', `command -v ${command}`]).status !== 0;

/** The addons compile librdkafka; say what for, if the tools are not there. */
function explainFailure() {
  const absent = ['cc', 'c++', 'make', 'python3'].filter(missing);
  if (absent.length === 0) return;
  const remedy =
    process.platform === 'darwin' ? 'xcode-select --install' : 'apt-get install build-essential python3';
  console.error(
    `\nThis machine lacks ${absent.join(', ')}, which compile librdkafka (once). Remedy: ${remedy}`,
  );
}

/**
 * Installs the dependencies unless they stand there as the lockfile says; gives the exit code.
 *
 * @param confluent whether Confluent's client is to be used, and compiled where no pnpm on this machine has done it yet
 */
export async function installIfStale({ confluent }) {
  const [want, have] = [wanted(), present()];
  const compiled = hasConfluent();
  if (want.lock === have.lock && want.node === have.node && (compiled || !confluent)) return 0;
  if (have.node !== want.node) dropCompiled();
  // pnpm would compile anew what it has left out before, and has in its store.
  if (confluent && !compiled) rmSync(MODULES, { recursive: true, force: true });
  console.log(
    `installing dependencies; the first time on a machine, librdkafka is compiled (${confluent ? 'a few minutes' : 'about a minute'})`,
  );
  const code = await pnpm(
    'install',
    '--frozen-lockfile',
    ...(confluent || compiled ? [] : WITHOUT_CONFLUENT),
  );
  if (code === 0) writeFileSync(STAMP, JSON.stringify(want));
  else explainFailure();
  return code;
}
