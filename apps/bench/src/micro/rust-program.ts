import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Input } from './path.js';
import type { Timing } from './statistics.js';

/** From `dist/main.js` as from `src/micro/…` in tests: the folder beside `src`. */
const CRATE = [new URL('../rust/', import.meta.url), new URL('../../rust/', import.meta.url)]
  .map((url) => fileURLToPath(url))
  .find((folder) => existsSync(join(folder, 'Cargo.toml'))) as string;

const CACHE = join(CRATE, '..', '..', '..', 'node_modules', '.cache', 'velo', 'bench-rust');
const NAME = 'velo-bench-original';

/** A round of the Rust program, and its loop without a call. */
export interface RustRound extends Timing {
  readonly loop: number;
}

const run = (command: string, args: readonly string[]) => spawnSync(command, args, { cwd: CRATE });
const works = (command: string) => run(command, ['--version']).status === 0;

const COMPILERS: readonly { readonly command: string; readonly args: readonly string[] }[] = [
  { command: 'cargo', args: ['build', '--release', '--offline', '--quiet', '--target-dir', CACHE] },
  {
    command: 'rustc',
    args: ['-Copt-level=3', '-Cpanic=abort', '--edition=2021', '-o', join(CACHE, NAME), 'src/main.rs'],
  },
];

/** The specification's hot paths in Rust, compiled on this machine; or why there are none. */
export function openRustProgram(): RustProgram | { readonly missing: string } {
  mkdirSync(CACHE, { recursive: true });
  const compiler = COMPILERS.find(({ command }) => works(command));
  if (compiler === undefined) return { missing: 'neither cargo nor rustc is on this machine' };
  const built = run(compiler.command, compiler.args);
  if (built.status !== 0) return { missing: `the Rust program does not compile: ${built.stderr}` };
  const program = [join(CACHE, 'release', NAME), join(CACHE, NAME)].find((file) => existsSync(file));
  return program === undefined ? { missing: 'the compiler gave no program' } : new RustProgram(program);
}

/** One process, asked line by line. */
export class RustProgram {
  private readonly child: ChildProcess;
  private readonly answers: AsyncIterator<string>;

  constructor(file: string) {
    this.child = spawn(file, { stdio: ['pipe', 'pipe', 'inherit'] });
    if (this.child.stdout === null) throw new Error('no pipe from the Rust program');
    this.answers = createInterface({ input: this.child.stdout })[Symbol.asyncIterator]();
  }

  /** One round of `ms`; `undefined` if the program does not know the path. */
  async round(path: string, inputs: readonly Input[], ms: number): Promise<RustRound | undefined> {
    this.child.stdin?.write(`${[path, Math.round(ms), ...inputs].join('\t')}\n`);
    const { value, done } = await this.answers.next();
    if (done) throw new Error('the Rust program has ended');
    const answer = JSON.parse(value) as { ns: number; p99: number; loopNs: number } | null;
    return answer === null ? undefined : { median: answer.ns, p99: answer.p99, loop: answer.loopNs };
  }

  close(): void {
    this.child.stdin?.end();
  }
}
