import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startRegistry } from '../steps/released/loopback-registry.mjs';
import { publishOnLoopback } from '../steps/released/only-loopback.mjs';
import { pathOfPnpm } from '../steps/run-command.mjs';

/** No such host can be: RFC 2606. */
const ELSEWHERE = 'https://elsewhere.invalid/';

const scratch = mkdtempSync(join(tmpdir(), 'velo-loopback-'));
let registry;
let pnpm;

beforeAll(async () => {
  pnpm = await pathOfPnpm();
  // As `npm run` hands the settings of its user on
  const userconfig = join(scratch, 'npmrc-of-the-user');
  writeFileSync(userconfig, `registry=${ELSEWHERE}\n@velo:registry=${ELSEWHERE}\n`);
  mkdirSync(join(scratch, 'config', 'pnpm'), { recursive: true });
  writeFileSync(join(scratch, 'config', 'pnpm', 'rc'), `@velo:registry=${ELSEWHERE}\n`);
  vi.stubEnv('npm_config_userconfig', userconfig);
  vi.stubEnv('npm_config_registry', ELSEWHERE);
  vi.stubEnv('NPM_CONFIG_@velo:registry', ELSEWHERE);
  mkdirSync(join(scratch, 'registry'));
  registry = await startRegistry(join(scratch, 'registry'), pnpm);
});

afterAll(() => {
  registry?.close();
  rmSync(scratch, { recursive: true, force: true });
});

/** A project, and a command that leaves a trace in it when it is started. */
function project({ npmrc = '', publishConfig, packages = {} } = {}) {
  const cwd = mkdtempSync(join(scratch, 'project-'));
  writeFileSync(join(cwd, '.npmrc'), npmrc);
  writeFileSync(join(cwd, 'package.json'), JSON.stringify({ name: 'p', version: '1.0.0', publishConfig }));
  for (const [name, manifest] of Object.entries(packages)) {
    mkdirSync(join(cwd, 'packages', name), { recursive: true });
    writeFileSync(join(cwd, 'packages', name, 'package.json'), JSON.stringify(manifest));
  }
  const trace = join(cwd, 'trace');
  return {
    cwd,
    publisher: ['-e', `require('fs').writeFileSync(${JSON.stringify(trace)}, '')`],
    started: () => existsSync(trace),
  };
}

const publish = ({ cwd, publisher }, env = {}) =>
  publishOnLoopback({ cwd, env: { ...registry.env, ...env }, pnpm }, process.execPath, publisher);

describe('a command that publishes', () => {
  it("is started where all registries are on this machine, whatever its user's settings say", async () => {
    const command = project();

    expect((await publish(command)).code).toBe(0);

    expect(command.started()).toBe(true);
  });

  it.each([
    { where: 'an npmrc of the project', given: { npmrc: `@velo:registry=${ELSEWHERE}` } },
    { where: 'the environment', env: { npm_config_registry: ELSEWHERE } },
    { where: 'the environment, for a scope', env: { 'npm_config_@velo:registry': ELSEWHERE } },
    { where: 'an npmrc of the user', env: { npm_config_userconfig: join(scratch, 'npmrc-of-the-user') } },
    { where: 'a file that pnpm alone reads', env: { XDG_CONFIG_HOME: join(scratch, 'config') } },
    { where: 'the manifest', given: { publishConfig: { registry: ELSEWHERE } } },
    {
      where: 'the manifest of a package',
      given: { packages: { x: { publishConfig: { '@velo:registry': ELSEWHERE } } } },
    },
  ])('is not started where $where names another registry', async ({ given, env }) => {
    const command = project(given);

    await expect(publish(command, env)).rejects.toThrow(/^Nothing was started: .*elsewhere\.invalid/);

    expect(command.started()).toBe(false);
  });

  it('is not started where only npm was told of the registry, since changesets would take the public one', async () => {
    const command = project({ npmrc: `registry=${registry.env.npm_config_registry}` });

    await expect(publish(command, { npm_config_registry: undefined })).rejects.toThrow('npm_config_registry');

    expect(command.started()).toBe(false);
  });
});

it.each(['npm', 'pnpm'])('%s reaches no other registry, even if told to', async (by) => {
  const { cwd } = project();

  const { code, output } = await registry[by](cwd, 'view', 'p', '--registry', ELSEWHERE, '--fetch-retries=0');

  expect(code).not.toBe(0);
  expect(output).toContain('ECONNREFUSED 127.0.0.1:9');
});
