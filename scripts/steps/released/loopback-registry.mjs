import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runServer } from 'verdaccio';
import { capture } from '../run-command.mjs';
import { publishOnLoopback } from './only-loopback.mjs';

/** Anybody may do anything: it is on loopback, and lives as long as the check. It asks no other registry. */
const PACKAGES = { '**': { access: '$anonymous', publish: '$anonymous' } };

/** Nobody listens there. */
const NOWHERE = 'http://127.0.0.1:9/';

/** What npm, pnpm and their like were told from outside: `npm run` hands the user's settings on, credentials included. */
const settingsOfOthers = () =>
  Object.fromEntries(
    Object.keys(process.env)
      .filter((name) => /^(npm|pnpm|yarn|xdg)_/i.test(name))
      .map((name) => [name, undefined]),
  );

/** A home without settings, credentials or caches of the user's; proxies that lead to no other registry. */
function environment(home, pnpm, registry) {
  const proxies = ['http_proxy', 'https_proxy'].flatMap((name) => [
    [name, NOWHERE],
    [name.toUpperCase(), NOWHERE],
  ]);
  return {
    ...settingsOfOthers(),
    ...Object.fromEntries(proxies),
    no_proxy: '127.0.0.1',
    NO_PROXY: '127.0.0.1',
    HOME: home,
    PATH: `${dirname(pnpm)}:${process.env.PATH}`,
    VELO_PNPM: pnpm,
    npm_config_globalconfig: join(home, 'npmrc-of-all'),
    npm_config_registry: registry,
  };
}

async function listen(folder) {
  const server = await runServer({
    configPath: join(folder, 'config.yaml'),
    self_path: folder,
    storage: join(folder, 'storage'),
    security: {},
    auth: {},
    web: { enable: false },
    uplinks: {},
    packages: PACKAGES,
    max_body_size: '100mb',
    log: { type: 'stdout', format: 'pretty', level: 'fatal' },
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

/**
 * An npm registry on loopback, its files in `folder`, and ways to run npm, pnpm (its path is given: the registry has none) and what
 * publishes with it: they know of no other registry, reach none, and have no credentials.
 */
export async function startRegistry(folder, pnpm) {
  const server = await listen(folder);
  const place = `127.0.0.1:${server.address().port}/`;
  const home = join(folder, 'home');
  mkdirSync(home);
  writeFileSync(join(home, 'npmrc-of-all'), '');
  // npm publishes nothing without some token, whoever may publish.
  writeFileSync(join(home, '.npmrc'), `//${place}:_authToken=anybody\naudit=false\nfund=false\n`);
  const env = environment(home, pnpm, `http://${place}`);
  return {
    env,
    npm: (cwd, ...args) => capture('npm', args, { cwd, env }),
    pnpm: (cwd, ...args) => capture(pnpm, args, { cwd, env }),
    publish: (cwd, command, ...args) => publishOnLoopback({ cwd, env, pnpm }, command, args),
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
