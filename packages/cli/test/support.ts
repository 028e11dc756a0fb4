import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { spawn as spawnInTerminal } from '@lydell/node-pty';

/** All but line feeds: what a terminal might obey, and what turns a line's direction. */
export const HARMFUL = /[^\P{Cc}\n]|[\p{Cf}\u2028\u2029]/u;

/** The command as it is built: what users run. */
const VELO = fileURLToPath(new URL('../dist/main.js', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

type Variables = Readonly<Record<string, string | undefined>>;

/** Nothing of the developer's shell decides how a test ends. */
const environment = (more: Variables): Record<string, string> => {
  const { PATH, HOME, NODE_V8_COVERAGE } = process.env;
  const all = { PATH, HOME, NODE_V8_COVERAGE, TERM: 'xterm', ...more };
  return Object.fromEntries(
    Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
};

/** `velo` with pipes, still running. */
export function startVelo(
  args: readonly string[],
  { env = {}, input = '' }: { env?: Variables; input?: string | Buffer } = {},
): { readonly child: ChildProcess; readonly ended: Promise<Ended>; readonly output: () => string } {
  const child = spawn(process.execPath, [VELO, ...args], { env: environment(env) });
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text) => (err += text));
  child.stdin.on('error', () => {}).end(input);
  const ended = new Promise<Ended>((resolve) => child.on('close', (code) => resolve({ code, out, err })));
  return { child, ended, output: () => out + err };
}

/** `velo` with pipes, to its end. */
export const velo = (args: readonly string[], env: Variables = {}, input?: string | Buffer): Promise<Ended> =>
  startVelo(args, { env, ...(input !== undefined && { input }) }).ended;

/** `velo` in a terminal; `answers` are typed when their question has come. */
export function veloInTerminal(
  args: readonly string[],
  { env = {}, answers = [] }: { env?: Variables; answers?: readonly (readonly [RegExp, string])[] } = {},
): Promise<{ readonly code: number; readonly screen: string }> {
  const terminal = spawnInTerminal(process.execPath, [VELO, ...args], {
    cols: 120,
    rows: 40,
    env: environment(env),
  });
  let screen = '';
  const left = [...answers];
  terminal.onData((data) => {
    screen += data;
    const [next] = left;
    if (next === undefined || !next[0].test(screen)) return;
    left.shift();
    terminal.write(next[1]);
  });
  return new Promise((resolve) => terminal.onExit(({ exitCode }) => resolve({ code: exitCode, screen })));
}

/** A folder for a test's files, removed at the end of `await using`. */
export async function scratch(): Promise<AsyncDisposable & { readonly file: (name: string) => string }> {
  const folder = await mkdtemp(join(tmpdir(), 'velo-cli-'));
  return {
    file: (name) => join(folder, name),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
