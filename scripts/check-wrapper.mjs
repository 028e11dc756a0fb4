// Packs the public packages and compiles a package that wraps an adapter and gives its types away, as users would: in the
// layouts of npm and of pnpm, whose packages see only what they have asked for, and with each module resolution.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { pack } from './steps/pack.mjs';
import { publicPackages } from './steps/public-packages.mjs';
import { capture } from './steps/run-command.mjs';

const ADAPTERS = ['@velo/kafkajs', '@velo/rdkafka'];
const { CommonJS, ESNext, Node16, NodeNext } = ts.ModuleKind;
const RESOLUTIONS = [
  {
    name: 'node (classic)',
    module: CommonJS,
    moduleResolution: ts.ModuleResolutionKind.Node10,
    files: ['ts'],
  },
  { name: 'node16', module: Node16, moduleResolution: ts.ModuleResolutionKind.Node16, files: ['mts', 'cts'] },
  {
    name: 'nodenext',
    module: NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    files: ['mts', 'cts'],
  },
  { name: 'bundler', module: ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler, files: ['ts'] },
];

/** A package whose own types are made of the adapter's; nothing of them may be `any`. */
const wrapper = (adapter) => `
import { createVelo, isVeloError, readDeadLetter } from '${adapter}';
type IsAny<T> = 0 extends 1 & T ? true : false;
export const velo = createVelo({} as never, {});
export const producer = velo.producer();
export const consumer = velo.consumer({ groupId: 'g', topics: ['t'], handler: (message, context) => context.record });
export const options = {} as Parameters<typeof createVelo>[1];
export const config = {} as Parameters<typeof velo.consumer>[0];
export const send = (topic: string) => producer.send({ topic, messages: [{ value: 'v' }] });
export const health = () => consumer.health();
export const requirements = () => consumer.requirements();
export const snapshot = () => velo.metrics.snapshot();
export const on = consumer.on;
export const wait = velo.waitForTopic;
export const asBroken = (error: unknown) => (isVeloError(error, 'VELO_RETRIES_EXHAUSTED') ? error : undefined);
export const letter = readDeadLetter;
export const nothingIsAny: IsAny<typeof velo> | IsAny<typeof producer> | IsAny<typeof consumer> = false;
export const norItsParts: IsAny<ReturnType<typeof health>> | IsAny<ReturnType<typeof snapshot>> = false;
export const norOptions: IsAny<NonNullable<typeof options>> | IsAny<typeof config.handler> = false;
`;

const scratch = mkdtempSync(join(tmpdir(), 'velo-wrapper-'));
const faults = [];

/** Packs them and gives where they lie unpacked, by name. */
async function unpacked() {
  const places = new Map();
  for (const folder of publicPackages()) {
    const name = `@velo/${folder.split('/').at(-1)}`;
    const target = join(scratch, 'packed', name);
    const { tarball, fault } = await pack(folder, target);
    if (tarball === undefined) throw new Error(`${folder} cannot be packed:\n${fault}`);
    await capture('tar', ['-xzf', tarball, '-C', target]);
    places.set(name, join(target, 'package'));
  }
  return places;
}

function link(place, modules, name) {
  const at = join(modules, name);
  mkdirSync(dirname(at), { recursive: true });
  symlinkSync(place, at);
}

const typesOfNode = () => dirname(createRequire(import.meta.url).resolve('@types/node/package.json'));

/** All packages side by side; copied, since a link would be followed to where nothing lies beside it. */
async function likeNpm(places, project) {
  const modules = join(project, 'node_modules');
  for (const [name, place] of places) {
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    await capture('cp', ['-r', place, join(modules, name)]);
  }
  link(typesOfNode(), modules, '@types/node');
}

/** Each package in a folder with links to what it depends on; the project has links to the adapters alone. */
async function likePnpm(places, project) {
  const store = (name) => join(project, 'node_modules', '.pnpm', name.replace('/', '+'), 'node_modules');
  for (const [name, place] of places) {
    mkdirSync(dirname(join(store(name), name)), { recursive: true });
    await capture('cp', ['-r', place, join(store(name), name)]);
    const below =
      name === '@velo/retry-core'
        ? []
        : name === '@velo/engine'
          ? ['@velo/retry-core']
          : ['@velo/engine', '@velo/retry-core'];
    for (const other of below) link(join(store(other), other), store(name), other);
  }
  for (const adapter of ADAPTERS) link(join(store(adapter), adapter), join(project, 'node_modules'), adapter);
  link(typesOfNode(), join(project, 'node_modules'), '@types/node');
}

function compile(layout, project, { name, files, ...resolution }) {
  const sources = ADAPTERS.flatMap((adapter) =>
    files.map((ending) => {
      const file = join(project, `${name.replaceAll(/\W/g, '')}-${adapter.split('/')[1]}.${ending}`);
      writeFileSync(file, wrapper(adapter));
      return file;
    }),
  );
  const program = ts.createProgram(sources, {
    ...resolution,
    target: ts.ScriptTarget.ES2022,
    lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts'],
    strict: true,
    declaration: true,
    skipLibCheck: true,
    esModuleInterop: true,
    ignoreDeprecations: '6.0',
    types: ['node'],
    typeRoots: [join(project, 'node_modules', '@types')],
    outDir: join(project, 'dist'),
  });
  const found = [...ts.getPreEmitDiagnostics(program), ...program.getDeclarationDiagnostics()];
  for (const { file, messageText } of found)
    faults.push(
      `${layout}, ${name}, ${file?.fileName.split('/').at(-1) ?? ''}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`,
    );
}

try {
  const places = await unpacked();
  for (const [layout, lay] of Object.entries({ npm: likeNpm, pnpm: likePnpm })) {
    const project = join(scratch, layout);
    mkdirSync(project, { recursive: true });
    writeFileSync(join(project, 'package.json'), '{ "name": "wrapper", "version": "1.0.0" }');
    await lay(places, project);
    for (const resolution of RESOLUTIONS) compile(layout, project, resolution);
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
for (const fault of new Set(faults)) console.error(fault);
process.exitCode = faults.length === 0 ? 0 : 1;
