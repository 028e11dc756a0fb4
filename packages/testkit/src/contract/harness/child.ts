import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { until } from '../../support/until.js';
import type { ClusterAddress } from '../adapter.js';
import type { ChildEvent, ChildTask } from '../child/protocol.js';

export type { ChildTask } from '../child/protocol.js';

/** The built program, beside this file's own bundle. */
const PROGRAM = fileURLToPath(new URL('./child.js', import.meta.url));

/** A process that runs the adapter's built code, and what it tells. */
export class Child {
  readonly events: ChildEvent[] = [];
  readonly #process: ChildProcess;
  #output = '';
  #errors = '';
  /** How it ended: an exit code, or a signal. */
  ended: number | string | undefined;

  constructor(
    module: URL,
    { bootstrapServers, brokers }: ClusterAddress,
    task: ChildTask,
    nodeOptions: readonly string[],
  ) {
    const input = { module: module.href, address: { bootstrapServers, brokers }, task };
    this.#process = spawn(process.execPath, [...nodeOptions, PROGRAM, JSON.stringify(input)], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#process.stdout?.on('data', (chunk) => this.#read(String(chunk)));
    this.#process.stderr?.on('data', (chunk) => {
      this.#errors += chunk;
    });
    // Not at its exit: what it has told before may still be on its way.
    this.#process.once('close', (code, signal) => {
      this.ended = code ?? signal ?? 'unknown';
    });
  }

  /** SIGKILL: no farewell to anybody. Resolves when all that it told has arrived. */
  async kill(): Promise<void> {
    if (this.ended === undefined) this.#process.kill('SIGKILL');
    await this.until('it has ended', () => this.ended !== undefined);
  }

  /** Asks it to end. */
  signal(name: 'SIGTERM' | 'SIGINT'): void {
    this.#process.kill(name);
  }

  /** SIGSTOP: it is alive, and does nothing. */
  pause(): void {
    this.#process.kill('SIGSTOP');
  }

  /** SIGCONT: it goes on as if no time had passed. */
  wake(): void {
    this.#process.kill('SIGCONT');
  }

  told<T extends ChildEvent['type']>(type: T): Extract<ChildEvent, { type: T }>[] {
    return this.events.filter((event): event is Extract<ChildEvent, { type: T }> => event.type === type);
  }

  until(what: string, condition: () => unknown, limit = 20_000): Promise<unknown> {
    return until(what, condition, {
      limit,
      seen: () => ({ ended: this.ended, errors: this.#errors, events: this.events.slice(-10) }),
    });
  }

  untilTold(type: ChildEvent['type'], times = 1): Promise<unknown> {
    return this.until(`child: ${type}, ${times} times`, () => this.told(type).length >= times);
  }

  #read(chunk: string): void {
    this.#output += chunk;
    const lines = this.#output.split('\n');
    this.#output = lines.pop() ?? '';
    for (const line of lines) if (line.startsWith('{')) this.events.push(JSON.parse(line));
  }
}
