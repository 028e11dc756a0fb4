import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/**
 * From the registry by npx: corepack refuses pinned versions whose signature it does not know. `VELO_PNPM` is where it lies for
 * whoever uses a registry that has no pnpm, see check-released.mjs.
 */
const [PNPM, ...PNPM_ARGS] =
  process.env.VELO_PNPM === undefined
    ? ['npx', '--prefer-offline', '--yes', 'pnpm@10.34.9']
    : [process.env.VELO_PNPM];

const ENV = {
  ...process.env,
  TURBO_TELEMETRY_DISABLED: '1',
  TURBO_NO_UPDATE_NOTIFIER: '1',
};
// What an npx around us was told (`npx -p node@24 -c 'npm test'`) is not for the npx that we run
delete ENV.npm_config_call;
delete ENV.npm_config_package;

function exitCode(code, signal) {
  return code ?? 128 + (constants.signals[signal] ?? 0);
}

/** Runs a command with our terminal; gives its exit code. It gets the signals that we get. */
export function run(command, args, env = {}) {
  const child = spawn(command, args, { cwd: ROOT, stdio: 'inherit', env: { ...ENV, ...env } });
  const forward = (signal) => child.kill(signal);
  // A terminal sends SIGINT to the child as well: only survive it here
  const wait = () => {};
  process.on('SIGTERM', forward).on('SIGINT', wait);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      process.off('SIGTERM', forward).off('SIGINT', wait);
      resolve(exitCode(code, signal));
    });
  });
}

/**
 * Runs a command quietly, or with its output passed on, for `timeout` ms at most; gives its exit code and all that it printed.
 */
export function capture(command, args, { cwd = ROOT, env = {}, timeout, passOn = false } = {}) {
  const child = spawn(command, args, {
    cwd,
    timeout,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...ENV, ...(passOn ? {} : { NO_COLOR: '1' }), ...env },
  });
  const chunks = [];
  for (const name of ['stdout', 'stderr']) {
    child[name].on('data', (chunk) => {
      chunks.push(chunk);
      if (passOn) process[name].write(chunk);
    });
  }
  return new Promise((resolve) => {
    child.on('error', (error) => resolve({ code: 1, output: error.message }));
    child.on('close', (code, signal) =>
      resolve({ code: exitCode(code, signal), output: Buffer.concat(chunks).toString() }),
    );
  });
}

export const pnpm = (...args) => run(PNPM, [...PNPM_ARGS, ...args]);

export const capturePnpm = (...args) => capture(PNPM, [...PNPM_ARGS, ...args]);

/** Where pnpm itself lies. */
export async function pathOfPnpm() {
  const { code, output } = await capturePnpm('exec', 'sh', '-c', 'command -v pnpm');
  if (code !== 0) throw new Error(`there is no pnpm:\n${output}`);
  return output.trim().split('\n').at(-1);
}

/** A tool of node_modules, without pnpm in between. */
export const tool = (name) => join(ROOT, 'node_modules', '.bin', name);

export const turbo = (...args) => capturePnpm('exec', 'turbo', 'run', ...args);
