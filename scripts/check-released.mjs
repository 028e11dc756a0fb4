// Releases the public packages, twice, to a registry on loopback, from a copy of this tree, and uses them as strangers do: installed
// by npm and by pnpm, as ESM and CommonJS, with each module resolution of TypeScript, on each Node that velo is for, and below a
// package that wraps an adapter; and the command. Nothing is asked of another registry, but for a Node of another version.
// `--build` builds in the copy; without it, what is built here is released.
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isNewer } from './newer-node/index.mjs';
import { faults } from './steps/released/faults.mjs';
import { dependenciesOf } from './steps/released/installed.mjs';
import { startRegistry } from './steps/released/loopback-registry.mjs';
import { nodes } from './steps/released/nodes.mjs';
import {
  compileWrappers,
  installAdapter,
  installedClient,
  LAYOUTS,
  load,
  publishWrapper,
  useCommand,
  walkReadme,
} from './steps/released/projects.mjs';
import { publishAgain, releaseTwice } from './steps/released/releases.mjs';
import { ADAPTERS } from './steps/released/user-programs.mjs';
import { pathOfPnpm } from './steps/run-command.mjs';

/** Those that are there; where no registry has given one, that is a fault in CI alone. */
function present(all) {
  for (const { major, missing } of all.filter((node) => node.path === undefined)) {
    const told = `not tried on Node ${major}, no registry has given it: ${missing}`;
    if (process.env.CI) faults.push(told);
    else console.log(`note: ${told}`);
  }
  return all.filter((node) => node.path !== undefined);
}

/** An addon is compiled for one Node: the one that runs this. */
function nodesFor({ compiled, newerNode = false }, all) {
  if (compiled) return all.slice(0, 1);
  return newerNode ? all.filter(({ version }) => isNewer(version)) : all;
}

async function useAdapters(registry, scratch, all) {
  for (const layout of LAYOUTS) {
    for (const adapter of ADAPTERS) {
      const project = await installAdapter(registry, scratch, layout, adapter);
      compileWrappers(layout, adapter, project);
      const tried = nodesFor(adapter, all);
      for (const node of tried) await load(layout, adapter, project, node);
      if (layout.by === 'npm') await Promise.all(tried.map((node) => walkReadme(adapter, project, node)));
    }
  }
}

const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'velo-released-')));
const registry = await startRegistry(scratch, await pathOfPnpm());
try {
  const asked = nodes();
  const client = installedClient(ADAPTERS.find(({ fromTree }) => !fromTree));
  for (const place of new Set([client, ...dependenciesOf('packages/cli')]))
    await publishAgain(registry, scratch, place);
  const build = process.argv.includes('--build') ? [] : ['--no-build'];
  const version = await releaseTwice(registry, join(scratch, 'repository'), build);
  const tried = present(await asked);
  await useAdapters(registry, scratch, tried);
  for (const layout of LAYOUTS) await useCommand(registry, scratch, layout, tried);
  await publishWrapper(registry, scratch, version);
} catch (error) {
  faults.push(error.message);
} finally {
  registry.close();
  rmSync(scratch, { recursive: true, force: true });
}
for (const fault of new Set(faults)) console.error(fault);
process.exitCode = faults.length === 0 ? 0 : 1;
