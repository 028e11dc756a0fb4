import { mkdirSync, readdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { startEmbeddedBroker } from '../../../packages/testkit/dist/index.js';
import { readmes } from '../readme-blocks.mjs';
import { capture, ROOT } from '../run-command.mjs';
import { compile, RESOLUTIONS } from './compile-as-user.mjs';
import { expect, faults, must } from './faults.mjs';
import { ADAPTERS, asCommonJs, smoke, WRAPPERS_USER, wrapper } from './user-programs.mjs';

/** How long a program may run, ms: the longest wait in a README's is one of 5 s. */
const PATIENCE = 60_000;

/** What a README's program prints about its three orders, of which the first is charged after 5 s. */
const TOLD = ['charged order 1 at attempt 4', 'orders@1: permanent', 'orders@2: permanent'];

const OWN_LINES = /^(charged|orders@)/;

/** Ends the README's program as its user would, when it has told what becomes of all orders. */
const UNTIL_ALL_IS_TOLD = `
let told = 0;
for (const way of ['log', 'warn']) {
  const print = console[way];
  console[way] = (text) => {
    print(text);
    if (${OWN_LINES}.test(text) && ++told === ${TOLD.length}) process.kill(process.pid, 'SIGINT');
  };
}`;

function write(folder, name, text) {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

function newProject(scratch, name, manifest = {}) {
  const folder = join(scratch, 'projects', name);
  mkdirSync(folder, { recursive: true });
  write(folder, 'package.json', JSON.stringify({ name, version: '1.0.0', private: true, ...manifest }));
  return folder;
}

/** @param place where the link is to be, a scope's folder included */
function link(target, place) {
  mkdirSync(dirname(place), { recursive: true });
  symlinkSync(target, place);
}

/** As a development dependency would be; velo's packages need it for `Buffer` and `AbortSignal`. */
function linkTypesOfNode(project) {
  link(
    dirname(createRequire(import.meta.url).resolve('@types/node/package.json')),
    join(project, 'node_modules', '@types', 'node'),
  );
}

const folderOf = ({ name }) => `packages/${name.split('/')[1]}`;

/** Where an adapter's client is installed in this tree. */
export const installedClient = (adapter) =>
  realpathSync(join(ROOT, folderOf(adapter), 'node_modules', adapter.client));

function installedIn(project) {
  const modules = join(project, 'node_modules');
  return readdirSync(modules)
    .flatMap((name) =>
      name.startsWith('@') ? readdirSync(join(modules, name)).map((below) => `${name}/${below}`) : [name],
    )
    .filter((name) => !name.startsWith('.'))
    .sort();
}

/** How users install, what they see of it, and how they would leave a peer out that is taken from this tree. */
export const LAYOUTS = [
  {
    by: 'npm',
    add: 'install',
    brings: ['@velo/engine', '@velo/retry-core'],
    withoutPeers: ['--legacy-peer-deps'],
  },
  { by: 'pnpm', add: 'add', brings: [], withoutPeers: ['--config.auto-install-peers=false'] },
];

/** An empty project, and in it an adapter with what it brings along and its client. */
export async function installAdapter(registry, scratch, { by, add, brings, withoutPeers }, adapter) {
  const { name, client, fromTree } = adapter;
  const project = newProject(scratch, `${by}-${client.replace('/', '-')}`);
  const asked = fromTree ? [name] : [name, client];
  const command = `${by} ${add} ${asked.join(' ')}`;
  const told = must(await registry[by](project, add, ...(fromTree ? withoutPeers : []), ...asked), command);
  expect(`${command} brings`, installedIn(project), [...asked, ...brings].sort());
  if (told.includes('Ignored build scripts')) faults.push(`${command} would build something:\n${told}`);
  if (fromTree) link(installedClient(adapter), join(project, 'node_modules', client));
  linkTypesOfNode(project);
  return project;
}

/** A package that wraps the adapter and gives its types away, under each module resolution. */
export function compileWrappers({ by }, adapter, project) {
  for (const resolution of RESOLUTIONS) {
    const files = resolution.endings.map((ending) =>
      write(project, `${resolution.name}.${ending}`, wrapper(adapter)),
    );
    for (const said of compile(files, resolution))
      faults.push(`${adapter.name}, ${by}, ${resolution.name}: ${said}`);
  }
}

/** Both builds, loaded by Node. */
export async function load({ by }, adapter, project, node) {
  const programs = [
    ['smoke.mjs', smoke(adapter)],
    ['smoke.cjs', asCommonJs(smoke(adapter))],
  ];
  for (const [file, code] of programs) {
    const program = write(project, `${node.major}-${file}`, code);
    const { output } = await capture(node.path, [program], { cwd: project, timeout: PATIENCE });
    expect(`${adapter.name} as laid out by ${by}, Node ${node.major}, ${file}`, output.trim(), 'starting');
  }
}

/** The README's first program, as it stands there, on a broker of its own. */
export async function walkReadme(adapter, project, node) {
  const page = `${folderOf(adapter)}/README.md`;
  const { blocks } = readmes().find((each) => each.page === page);
  const { code } = blocks.find(({ language }) => language === 'ts');
  const broker = await startEmbeddedBroker();
  const text = code.replace('localhost:9092', broker.brokers.join()) + UNTIL_ALL_IS_TOLD;
  const program = write(project, `readme-${node.major}.mjs`, text);
  const { output, code: exit } = await capture(node.path, [program], { cwd: project, timeout: PATIENCE });
  await broker.stop();
  // The client logs as well
  const told = output.split('\n').filter((line) => OWN_LINES.test(line));
  const what = `${page} on Node ${node.major} printed:\n${output}`;
  expect(what, [exit, ...told.sort()], [0, ...TOLD]);
}

/** The command, as each package manager installs it, on each Node: it explains, and waits for a topic of a broker. */
export async function useCommand(registry, scratch, { by, add }, nodes) {
  const project = newProject(scratch, `command-by-${by}`);
  must(await registry[by](project, add, '@velo/cli'), `${by} ${add} @velo/cli`);
  const broker = await startEmbeddedBroker();
  broker.createTopic('orders');
  for (const node of nodes) {
    const env = { PATH: `${dirname(node.path)}:${process.env.PATH}`, VELO_BROKERS: broker.brokers.join() };
    const velo = (...args) =>
      capture(join(project, 'node_modules', '.bin', 'velo'), args, { cwd: project, env, timeout: PATIENCE });
    const where = `velo as installed by ${by}, Node ${node.major}`;
    expect(`${where}, explains`, (await velo('explain', '3')).output.includes('UNKNOWN_TOPIC'), true);
    const { code, output } = await velo('wait', '--topic', 'orders');
    expect(`${where}, waits: ${output}`, code, 0);
  }
  await broker.stop();
}

/** A platform team's package over an adapter: compiled, published, and used where nothing else was asked for. */
export async function publishWrapper(registry, scratch, version) {
  const [adapter] = ADAPTERS;
  const nodenext = RESOLUTIONS.find(({ name }) => name === 'nodenext');
  const project = newProject(scratch, 'wrapper', {
    name: '@acme/kafka',
    private: false,
    type: 'module',
    exports: { types: './dist/index.d.ts', default: './dist/index.js' },
    files: ['dist'],
    dependencies: { [adapter.name]: `^${version}`, [adapter.client]: '^2.2.4' },
  });
  must(await registry.npm(project, 'install'), 'npm install in the wrapper');
  linkTypesOfNode(project);
  const source = write(project, 'index.ts', wrapper(adapter));
  for (const said of compile([source], nodenext, join(project, 'dist'))) faults.push(`the wrapper: ${said}`);
  must(await registry.publish(project, 'npm', 'publish', '--access', 'public'), 'npm publish of the wrapper');
  for (const { by, add } of LAYOUTS) {
    const user = newProject(scratch, `wrapper-by-${by}`, { type: 'module' });
    must(await registry[by](user, add, '@acme/kafka'), `${by} ${add} of the wrapper`);
    linkTypesOfNode(user);
    const program = write(user, 'user.ts', WRAPPERS_USER);
    for (const said of compile([program], nodenext, join(user, 'dist')))
      faults.push(`the wrapper's user, ${by}: ${said}`);
    const { output } = await capture(process.execPath, ['dist/user.js'], { cwd: user, timeout: PATIENCE });
    expect(`the wrapper's user, ${by}`, output.trim(), 'starting 0');
  }
}
