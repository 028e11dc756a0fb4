import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { ended, spawnGuarded } from '../processes/guarded-process.js';

/** A node that is not up by then never will be; a busy machine needs 15 s, one with eight builds over 60 s. In ms. */
const START_LIMIT = 120_000;
/** A clean stop moves the leaders away first; then it is killed. In ms. */
const STOP_LIMIT = 30_000;
const POLL = 20;

/** Kafka writes this line once the broker serves requests. */
const STARTED = 'Kafka Server started';

/** What a node is started from; it stays the same over restarts. */
export interface NodeFiles {
  readonly classPath: string;
  readonly properties: string;
  readonly logging: string;
  readonly log: string;
  /** Of the JVM's heap, in MB. */
  readonly heap: number;
}

/** One process of a cluster. */
export class KafkaNode {
  readonly id: number;
  readonly #files: NodeFiles;
  #child: ChildProcess | undefined;

  constructor(id: number, files: NodeFiles) {
    this.id = id;
    this.#files = files;
  }

  get running(): boolean {
    return this.#child !== undefined;
  }

  get logFile(): string {
    return this.#files.log;
  }

  /** Starts the node, again too; settles once it serves requests. */
  async start(): Promise<void> {
    if (this.#child) return;
    const { classPath, properties, logging, log, heap } = this.#files;
    const output = openSync(log, 'a');
    const from = (await readFile(log)).length;
    this.#child = spawnGuarded(
      'java',
      [
        `-Xmx${heap}m`,
        '-XX:TieredStopAtLevel=1',
        '-XX:+UseSerialGC',
        `-Dlog4j2.configurationFile=${logging}`,
        '-cp',
        classPath,
        'kafka.Kafka',
        properties,
      ],
      output,
    );
    closeSync(output);
    await this.#untilStarted(this.#child, from);
  }

  /** SIGKILL: what a crash or a lost machine is to the others. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** SIGTERM: the node hands its leaders over, then ends. */
  async stop(): Promise<void> {
    const child = this.#child;
    const limit = setTimeout(() => child?.kill('SIGKILL'), STOP_LIMIT);
    await this.#end('SIGTERM');
    clearTimeout(limit);
  }

  /** SIGSTOP: connections stay open and nothing answers, as in a long pause of its garbage collector. */
  pause(): void {
    this.#child?.kill('SIGSTOP');
  }

  resume(): void {
    this.#child?.kill('SIGCONT');
  }

  async #end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const child = this.#child;
    if (!child) return;
    child.kill(signal);
    if (signal === 'SIGTERM') child.kill('SIGCONT'); // a paused process keeps the signal waiting
    await ended(child);
    this.#child = undefined;
  }

  async #untilStarted(child: ChildProcess, from: number): Promise<void> {
    const deadline = Date.now() + START_LIMIT;
    for (;;) {
      if ((await textFrom(this.#files.log, from)).includes(STARTED)) return;
      const over = child.exitCode !== null || child.signalCode !== null;
      if (over || Date.now() > deadline) {
        await this.kill();
        throw new Error(
          `Kafka node ${this.id} ${over ? 'ended' : 'is not up'}:\n${await this.#lastLines(from)}`,
        );
      }
      await sleep(POLL);
    }
  }

  async #lastLines(from: number): Promise<string> {
    return (await textFrom(this.#files.log, from)).split('\n').slice(-40).join('\n');
  }
}

async function textFrom(path: string, position: number): Promise<string> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const buffer = Buffer.alloc(size - position);
    await file.read(buffer, 0, buffer.length, position);
    return buffer.toString();
  } finally {
    await file.close();
  }
}
