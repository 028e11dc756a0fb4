import { type ChildProcess, fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { CaseKind, Path } from './path.js';
import { type ChildReply, type ChildRequest, LOOP } from './protocol.js';
import type { RustProgram, RustRound } from './rust-program.js';
import { bestOf, netOf, type Timing } from './statistics.js';

/** How long to measure. */
export interface Effort {
  readonly rounds: number;
  /** ms for each case in each round. */
  readonly roundMs: number;
  /** ms for each case before the first round. */
  readonly warmUpMs: number;
}

export const EFFORTS = {
  full: { rounds: 8, roundMs: 40, warmUpMs: 150 },
  check: { rounds: 5, roundMs: 12, warmUpMs: 60 },
} satisfies Record<string, Effort>;

export const RUST = "the specification's Rust";

/** What one case of a path costs. */
export interface CaseResult {
  readonly name: string;
  readonly kind: CaseKind;
  /** ns for one call, the loop included: the best round's median block. */
  readonly ns: number;
  /** The same without the loop. */
  readonly net: number;
  readonly p99: number;
  /** On the heap, for one call; unknown of Rust. */
  readonly bytes?: number;
}

export interface PathResult {
  readonly id: string;
  readonly title: string;
  readonly cases: readonly CaseResult[];
}

/** Times one path in a process of its own; round by round, each case and the Rust program in turn. */
export async function runPath(
  path: Path,
  effort: Effort,
  rust: RustProgram | undefined,
): Promise<PathResult> {
  const child = new Child(path.id, effort.warmUpMs);
  try {
    await child.next();
    const rounds: Record<string, Timing[]> = {};
    const rustRounds: RustRound[] = [];
    for (let round = 0; round < effort.rounds; round++) {
      const { timings } = await child.ask({ round: effort.roundMs });
      for (const [name, timing] of Object.entries(timings)) {
        rounds[name] ??= [];
        rounds[name].push(timing);
      }
      const original = await rustRound(path, effort, rust);
      if (original !== undefined) rustRounds.push(original);
    }
    const { bytes } = await child.ask({ bytes: true });
    return { id: path.id, title: path.title, cases: results(path, rounds, rustRounds, bytes) };
  } finally {
    child.close();
  }
}

async function rustRound(
  path: Path,
  effort: Effort,
  rust: RustProgram | undefined,
): Promise<RustRound | undefined> {
  if (path.rust === undefined) return undefined;
  return rust?.round(path.rust, (path.rustInputs ?? path.inputs)(), effort.roundMs);
}

function results(
  path: Path,
  rounds: Readonly<Record<string, readonly Timing[]>>,
  rustRounds: readonly RustRound[],
  bytes: Readonly<Record<string, number>>,
): CaseResult[] {
  const loop = rounds[LOOP] === undefined ? 0 : bestOf(rounds[LOOP]).median;
  const cases = path.cases(path.inputs()).map(({ name, kind }): CaseResult => {
    const best = bestOf(rounds[name] ?? []);
    const allocated = Math.max(0, (bytes[name] ?? 0) - (bytes[LOOP] ?? 0));
    return { name, kind, ns: best.median, net: netOf(best, loop), p99: best.p99, bytes: allocated };
  });
  if (rustRounds.length === 0) return cases;
  const best = bestOf(rustRounds);
  const rustLoop = Math.min(...rustRounds.map((round) => round.loop));
  return [...cases, { name: RUST, kind: 'rust', ns: best.median, net: netOf(best, rustLoop), p99: best.p99 }];
}

/** The bundled program beside this one. */
const PROGRAM = ['./micro/child.js', '../micro/child.js', '../../dist/micro/child.js']
  .map((path) => fileURLToPath(new URL(path, import.meta.url)))
  .find((file) => existsSync(file));

type Timings = Extract<ChildReply, { timings: unknown }>;
type Bytes = Extract<ChildReply, { bytes: unknown }>;

class Child {
  private readonly process: ChildProcess;

  constructor(pathId: string, warmUpMs: number) {
    if (PROGRAM === undefined) throw new Error('the bench is not built: npm run build');
    this.process = fork(PROGRAM, [pathId, String(warmUpMs)], { execArgv: ['--expose-gc'] });
  }

  ask(request: Extract<ChildRequest, { round: number }>): Promise<Timings>;
  ask(request: Extract<ChildRequest, { bytes: true }>): Promise<Bytes>;
  ask(request: ChildRequest): Promise<ChildReply> {
    this.process.send(request);
    return this.next();
  }

  next(): Promise<ChildReply> {
    return new Promise((resolve, reject) => {
      const ended = (code: number | null) => reject(new Error(`the timing process ended with ${code}`));
      this.process.once('exit', ended);
      this.process.once('message', (reply) => {
        this.process.off('exit', ended);
        resolve(reply as ChildReply);
      });
    });
  }

  close(): void {
    if (this.process.connected) this.process.disconnect();
  }
}
