import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type EmbeddedBroker, freePorts, startEmbeddedBroker } from '@velo/testkit';
import { Kafka, logLevel, Partitioners } from 'kafkajs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { samplesOf } from './support/scrape.js';

const PACKAGE = join(import.meta.dirname, '..');
const [, PROGRAM = ''] = /```ts\n(.*?)```/s.exec(readFileSync(join(PACKAGE, 'README.md'), 'utf8')) ?? [];
const LIMIT = 60_000;

let broker: EmbeddedBroker;
let program: ChildProcess | undefined;

beforeAll(async () => {
  broker = await startEmbeddedBroker();
  broker.createTopic('orders');
});
afterAll(async () => {
  if (program?.exitCode === null) program.kill('SIGKILL');
  await broker.stop();
});

async function produce(...values: string[]): Promise<void> {
  const producer = new Kafka({ brokers: [...broker.brokers], logLevel: logLevel.NOTHING }).producer({
    createPartitioner: Partitioners.DefaultPartitioner,
  });
  await producer.connect();
  await producer.send({ topic: 'orders', messages: values.map((value) => ({ value, partition: 0 })) });
  await producer.disconnect();
}

it(
  'the README’s program serves what it tells of, and ends on SIGTERM',
  async () => {
    await produce('{"id":1}', 'no JSON', '{"id":2}');
    const [port] = await freePorts(1);
    const code = PROGRAM.replace('localhost:9092', broker.brokers.join("','")).replace('9464', String(port));
    let printed = '';
    const child = spawn(process.execPath, ['--input-type=module', '-e', code], { cwd: PACKAGE });
    program = child;
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (data) => {
        printed += data;
      });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    const get = (path: string) => fetch(`http://localhost:${port}${path}`);
    const DEAD = 'velo_dead_letters_total{group="billing",reason="permanent",topic="orders"}';
    const LAG = 'velo_lag_records{group="billing",partition="0",tier="0",topic="orders"}';
    let samples = new Map<string, number>();
    for (const started = Date.now(); Date.now() - started < LIMIT / 2; await sleep(100)) {
      samples = await get('/metrics').then(
        async (answer) => samplesOf(await answer.text()),
        () => samples,
      );
      if (samples.get(DEAD) === 1 && samples.get(LAG) === 0) break;
    }
    expect(samples.get(DEAD), printed).toBe(1);
    expect(samples.get(LAG)).toBe(0);
    const of = 'group="billing",outcome="success",tier="0",topic="orders"';
    expect(samples.get(`velo_attempts_total{category="none",first="true",${of}}`)).toBe(2);
    expect(samples.get(`velo_handler_duration_seconds_count{${of}}`)).toBe(2);
    expect(samples.get('velo_consumers{group="billing",state="running"}')).toBe(1);
    expect((await get('/live')).status).toBe(200);
    expect((await get('/ready')).status).toBe(200);
    expect(printed).toContain('charged 2');
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
  },
  LIMIT,
);
