import { createServer } from 'node:net';
import { type EmbeddedBroker, startEmbeddedBroker } from '@velo/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startVelo, velo, veloInTerminal } from './support.js';

let broker: EmbeddedBroker;
let env: { VELO_BROKERS: string };

beforeAll(async () => {
  broker = await startEmbeddedBroker();
  env = { VELO_BROKERS: broker.brokers.join() };
  broker.createTopic('there');
});
afterAll(() => broker.stop());

const lines = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('velo wait', () => {
  it('ends with 0 where the topics are there', async () => {
    const { code, out, err } = await velo(['wait', '--topic', 'there', '--topic', 'there'], env);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/^there after \d+ms: there\n$/);
  });

  it('tells a reason once, and waits until it has gone', async () => {
    const args = ['wait', '--topic', 'late', '--topic', 'there', '--json'];
    const { ended, output } = startVelo(args, { env });
    await expect.poll(output, { timeout: 10_000 }).toContain('waiting');
    // A second look finds the same.
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    broker.createTopic('late');
    const { code, out } = await ended;
    expect(code).toBe(0);
    expect(lines(out).map(({ topic, state }) => `${topic} ${state}`)).toEqual([
      expect.stringMatching(/^(there there|late waiting)$/),
      expect.stringMatching(/^(there there|late waiting)$/),
      'late there',
    ]);
  });

  it('ends with 1 when the time is over, and says of what topic', async () => {
    const { code, out, err } = await velo(['wait', '--topic', 'missing', '--timeout', '1s'], env);
    expect(code).toBe(1);
    expect(out).toContain('kafka-topics --create --topic missing');
    expect(err).toContain('gave up on missing: Waited 1s. Kafka topic missing');
    expect((await velo(['wait', '--topic', 'missing', '--timeout', '0'], env)).code).toBe(1);
  });

  it('ends with 1 where nobody answers, and says so before', async () => {
    const args = ['wait', '--topic', 'there', '--timeout', '2s', '--brokers', '127.0.0.1:1'];
    const { code, out } = await velo(args);
    expect(code).toBe(1);
    expect(out).toContain('Kafka cannot be reached');
    expect(out).toContain('ECONNREFUSED');
  });

  it('ends with 1 where brokers take connections and answer nothing', async () => {
    const silent = createServer(() => {}).listen(0, '127.0.0.1');
    await new Promise((resolve) => silent.once('listening', resolve));
    const { port } = silent.address() as { port: number };
    const { code, err } = await velo(
      ['wait', '--topic', 'a', '--timeout', '1s', '--brokers', `127.0.0.1:${port}`],
      {},
    );
    silent.close();
    expect(code).toBe(1);
    expect(err).toContain('gave up');
  });

  it('is the same in a terminal', async () => {
    const { code, screen } = await veloInTerminal(['wait', '--topic', 'there'], { env });
    expect(code).toBe(0);
    expect(screen).toContain('\u001b[32mthere\u001b[39m');
  });
});
