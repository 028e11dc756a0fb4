import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { capture } from '../run-command.mjs';

const LOOPBACK = new Set(['127.0.0.1', '[::1]', 'localhost']);

/** pnpm's own default, for a scope that is nobody's here. */
const NOT_OURS = new Set(['@jsr:registry']);

function isLoopback(url) {
  try {
    return LOOPBACK.has(new URL(url).hostname);
  } catch {
    return false;
  }
}

/** `registry` and those of scopes. */
const registriesIn = (settings) =>
  Object.entries(settings).filter(([name]) => /^(@.+:)?registry$/.test(name) && !NOT_OURS.has(name));

async function toldBy(who, command, { cwd, env }) {
  const { code, output } = await capture(command, ['config', 'list', '--json'], { cwd, env });
  if (code !== 0)
    throw new Error(`Nothing was started: ${who} does not say where it would publish:\n${output}`);
  const settings = JSON.parse(output.slice(output.indexOf('{'), output.lastIndexOf('}') + 1));
  return [
    { by: `${who}, registry`, url: settings.registry },
    ...registriesIn(settings).map(([name, url]) => ({ by: `${who}, ${name}`, url })),
  ];
}

/** A manifest wins over all settings. */
function inManifests(cwd) {
  const packages = join(cwd, 'packages');
  const below = readdirSync(cwd).includes('packages') ? readdirSync(packages) : [];
  const files = [join(cwd, 'package.json'), ...below.map((name) => join(packages, name, 'package.json'))];
  return files.flatMap((file) =>
    registriesIn(JSON.parse(readFileSync(file, 'utf8')).publishConfig ?? {}).map(([name, url]) => ({
      by: `publishConfig of ${file}, ${name}`,
      url,
    })),
  );
}

/** Changesets looks at this variable alone, and takes the public registry where it is not set. */
const toldToChangesets = ({ env }) => [{ by: 'npm_config_registry', url: env.npm_config_registry }];

/**
 * Runs a command that publishes, if each registry that npm, pnpm, changesets or a manifest would publish to is on this machine: they are
 * asked in the folder and with the environment that the command gets. Else nothing is started.
 *
 * @throws where one of them names another registry, or none
 */
export async function publishOnLoopback({ cwd, env, pnpm }, command, args) {
  const sources = [
    () => toldToChangesets({ env }),
    () => inManifests(cwd),
    () => toldBy('npm', 'npm', { cwd, env }),
    () => toldBy('pnpm', pnpm, { cwd, env }),
  ];
  for (const ask of sources) {
    const other = (await ask()).find(({ url }) => !isLoopback(url));
    if (other !== undefined)
      throw new Error(
        `Nothing was started: it would be published to ${other.url} (${other.by}), which is not on this machine.`,
      );
  }
  return capture(command, args, { cwd, env });
}
