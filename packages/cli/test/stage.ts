import { createVelo, PermanentError, type Velo } from '@velo/kafkajs';
import { Kafka, logLevel } from 'kafkajs';
import { expect } from 'vitest';
import { type Ended, velo } from './support.js';

/** A group that gives records up, and takes them again once it is mended. */
export interface Stage extends AsyncDisposable {
  readonly group: string;
  readonly source: string;
  readonly deadLetters: string;
  readonly client: Velo;
  /** Values that were handled. */
  readonly handled: string[];
  mend(): void;
  /** Sends values, which are given up: those that begin with `bad` at once, others when their attempts are used up. */
  fail(values: readonly (string | Sent)[]): Promise<void>;
  /** `velo dlt …` for the group. */
  dlt(...args: readonly string[]): Promise<Ended>;
  readonly args: (...args: readonly string[]) => string[];
  /** What `velo dlt list --json` tells. */
  open(): Promise<number>;
}

export interface Sent {
  readonly value: string | Buffer;
  readonly key?: string | Buffer;
  readonly headers?: Iterable<readonly [string, string | Buffer | null]>;
}

let count = 0;

export async function startStage(brokers: readonly string[]): Promise<Stage> {
  // Without hyphens, so that the topic's name has no hash.
  const source = `orders${process.pid}x${++count}`;
  const group = `billing${count}`;
  const deadLetters = `${source}-${group}-dlt`;
  const kafka = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING });
  const client = createVelo(kafka, { logger: { info() {}, warn() {}, error() {} } });
  await client.ensureTopics([{ topic: source, partitions: 2, replicationFactor: 1 }]);
  const handled: string[] = [];
  let dead = 0;
  let isMended = false;
  const consumer = client.consumer({
    groupId: group,
    topics: [source],
    startFrom: 'earliest',
    retry: { inPlace: { maxAttempts: 1 }, tiers: ['200ms'] },
    // Hundreds are to die here.
    flow: { guard: false },
    handler: ({ value }) => {
      const text = String(value);
      if (isMended) return void handled.push(text);
      if (text.startsWith('bad')) throw new PermanentError(`a bad order: ${text.slice(0, 40)}`);
      throw new Error('connect ECONNREFUSED 10.0.0.1:443');
    },
  });
  consumer.on('deadLetter', () => {
    dead++;
  });
  await consumer.start();
  const args = (...more: readonly string[]) => ['dlt', ...more, '--group', group];
  const dlt = (...more: readonly string[]) => velo(args(...more), { VELO_BROKERS: brokers.join() });
  return {
    ...{ group, source, deadLetters, client, handled, args, dlt },
    mend: () => {
      isMended = true;
    },
    async fail(values) {
      const wanted = dead + values.length;
      const messages = values.map((each) => (typeof each === 'string' ? { value: each } : each));
      await client.producer().send({ topic: source, messages });
      await expect.poll(() => dead, { timeout: 20_000 }).toBe(wanted);
    },
    async open() {
      const { code, out, err } = await dlt('list', '--json');
      expect({ code, err }).toEqual({ code: 0, err: '' });
      return JSON.parse(out).open;
    },
    [Symbol.asyncDispose]: () => client.close(),
  };
}
