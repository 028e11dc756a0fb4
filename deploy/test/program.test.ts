import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type EmbeddedBroker, startEmbeddedBroker } from '@velo/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DEPLOY } from './support/files.js';

const LIMIT = 45_000;

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

async function until(what: () => Promise<boolean>, seen: () => string): Promise<void> {
  for (const started = Date.now(); Date.now() - started < LIMIT; await sleep(100))
    if (await what().catch(() => false)) return;
  throw new Error(`not in time: ${seen()}`);
}

it(
  'the program of the Kubernetes example answers its probes and scrapes, and ends on SIGTERM',
  async () => {
    let printed = '';
    const child = spawn(process.execPath, ['consumer.mjs'], {
      cwd: join(DEPLOY, 'kubernetes'),
      env: { ...process.env, VELO_BROKERS: broker.brokers.join(), PORT: '0' },
    });
    program = child;
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (data) => {
        printed += data;
      });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    const url = () => `http://127.0.0.1:${/metrics at (\d+)/.exec(printed)?.[1]}`;
    await until(
      async () => (await fetch(`${url()}/ready`)).status === 200,
      () => printed,
    );
    expect((await fetch(`${url()}/live`)).status).toBe(200);
    expect(await (await fetch(`${url()}/metrics`)).text()).toContain(
      'velo_consumers{group="billing",state="running"} 1',
    );
    child.kill('SIGTERM');
    expect(await ended, printed).toBe(0);
  },
  2 * LIMIT,
);
