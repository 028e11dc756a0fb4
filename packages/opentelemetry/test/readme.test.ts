import { spawn } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { startEmbeddedBroker } from '@velo/testkit';
import { expect, it } from 'vitest';

const PACKAGE = new URL('..', import.meta.url);
it('the example of the README prints the spans that it says', async () => {
  await using broker = await startEmbeddedBroker();
  const page = readFileSync(new URL('README.md', PACKAGE), 'utf8');
  const [, code = ''] = /^```ts\n(.*?)^```$/ms.exec(page) ?? [];
  // In the package, so that it finds itself by its name.
  const program = fileURLToPath(new URL(`test/readme-${process.pid}.mjs`, PACKAGE));
  writeFileSync(program, code.replace('localhost:9092', broker.brokers.join()));
  const child = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text: Buffer) => {
      output += text;
    });
  const exited = new Promise((resolve) => child.on('exit', resolve));
  try {
    const names = () => [...output.matchAll(/^ {2}name: '([^']+)'/gm)].map(([, name]) => name);
    await expect.poll(() => names().length === 4 || child.exitCode !== null, { timeout: 25_000 }).toBe(true);
    expect(names().sort(), output).toEqual([
      'process orders',
      'process orders-billing-retry-1s',
      'send orders',
      'send orders-billing-retry-1s',
    ]);
    const traces = [...output.matchAll(/^ {2}traceId: '([^']+)'/gm)].map(([, trace]) => trace);
    expect(new Set(traces).size).toBe(1);
    child.kill('SIGTERM');
    expect(await exited).toBe(0);
  } finally {
    child.kill('SIGKILL');
    rmSync(program, { force: true });
  }
}, 40_000);
