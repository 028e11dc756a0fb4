import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { ended, spawnGuarded } from '@velo/testkit';
import { until } from '../until.js';

/** Of its log, in an error. */
const LAST_LINES = 40;
const JVM = ['-Xmx256m', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'];

export interface JavaProgramOptions {
  readonly classPath: string;
  readonly main: string;
  readonly args?: readonly string[];
  /** Of the system: `-Dname=value`. */
  readonly properties?: Readonly<Record<string, string>>;
  /** Where its output goes. */
  readonly log: string;
}

/** A Java program in a process of its own, which ends with this one. */
export class JavaProgram implements AsyncDisposable {
  readonly #log: string;
  readonly #child: ChildProcess;

  constructor({ classPath, main, args = [], properties = {}, log }: JavaProgramOptions) {
    const system = Object.entries(properties).map(([name, value]) => `-D${name}=${value}`);
    const output = openSync(log, 'a');
    this.#child = spawnGuarded('java', [...JVM, ...system, '-cp', classPath, main, ...args], output);
    closeSync(output);
    this.#log = log;
  }

  output(): Promise<string> {
    return readFile(this.#log, 'utf8');
  }

  /** Waits until its output is as wished. @throws {Error} with the end of its log, if it ends before */
  async until<T>(what: string, look: (output: string) => T | Promise<T>): Promise<NonNullable<T>> {
    try {
      return await until(what, async () => {
        const found = await look(await this.output());
        if (!found && this.#isOver) throw new Error('it has ended');
        return found;
      });
    } catch (error) {
      const lines = (await this.output()).trimEnd().split('\n').slice(-LAST_LINES);
      throw new Error(`waiting until ${what}; its log ends so:\n${lines.join('\n')}`, { cause: error });
    }
  }

  /** Lets it end in order, however long that takes: a group's members leave it, and commit what they have done. */
  async stop(): Promise<void> {
    this.#child.kill('SIGTERM');
    await this.until('it has ended', () => this.#isOver);
  }

  /** Ends it at once; for a round that could not go on. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL');
    await ended(this.#child);
  }

  get #isOver(): boolean {
    return (this.#child.exitCode ?? this.#child.signalCode) !== null;
  }
}
