import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { Consumers } from '../support/consumers.js';
import { kafkaError } from '../support/memory-cluster.js';
import { serveProbes } from './probes.js';

const FENCED_INSTANCE_ID = 82;
const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');

it('the example of probes answers 200 while it is well, 503 once it is dead, 404 else', async () => {
  const world = new Consumers();
  world.cluster.create('orders', 1);
  const consumers = [world.create(), world.create({ groupId: 'shipping' })];
  const server = serveProbes(consumers, 0);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const ask = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`);
    return { status: response.status, healths: (await response.json()) as { state: string }[] };
  };
  try {
    expect([await ask('/live'), await ask('/ready')]).toMatchObject([{ status: 200 }, { status: 503 }]);
    await Promise.all(consumers.map((consumer) => consumer.start()));
    expect([await ask('/live'), await ask('/ready'), await ask('/')]).toMatchObject([
      { status: 200, healths: [{ state: 'running' }, { state: 'running' }] },
      { status: 200 },
      { status: 404 },
    ]);
    world.cluster.members[0]?.crash(kafkaError(FENCED_INSTANCE_ID));
    await world.clock.advance(10_000);
    expect(await ask('/live')).toMatchObject({ status: 503 });
  } finally {
    server.close();
    await world.end();
  }
});

it('the example of probes is what the README shows', () => {
  const shown = read('./probes.ts').replace("'../../src/index.js'", "'@velo/kafkajs'");
  expect(read('../../../../README.md')).toContain(`\`\`\`ts\n${shown}\`\`\`\n`);
});
