import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

/** Runs a module that imports the built testkit, and gives its output once the process has ended by itself. */
async function run(body: string): Promise<string> {
  const source = `import { startEmbeddedBroker } from '@velo/testkit'; import kafkajs from 'kafkajs';
    const broker = await startEmbeddedBroker(); ${body}`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', source], {
    cwd: import.meta.dirname,
    timeout: 10_000,
  });
  return stdout;
}

const CLIENT = `broker.createTopic('t');
  const producer = new kafkajs.Kafka({ brokers: broker.brokers }).producer();
  await producer.connect(); await producer.send({ topic: 't', messages: [{ value: 'x' }] }); await producer.disconnect();`;

it.each([
  { name: 'after a stop', body: `${CLIENT} await broker.stop(); console.log('done');` },
  { name: 'with a broker that nobody stopped', body: `${CLIENT} console.log('done');` },
])('the process ends by itself $name', async ({ body }) => {
  expect(await run(body)).toBe('done\n');
});
