import { Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { createVelo, type Velo } from '../src/index.js';

/** A port that no server takes. */
const NOBODY = '127.0.0.1:1';
/** ms */
const TIMEOUT = 500;
/** A busy machine is given this much beyond a limit, ms. */
const SLACK = 1_000;

/** kafkajs's own retries take some 4 s here (10 at its defaults) to find that nobody is there. */
describe.concurrent('brokers that cannot be reached', () => {
  let velo: Velo;

  beforeAll(() => {
    const kafka = new Kafka({ brokers: [NOBODY], logLevel: logLevel.NOTHING, retry: { retries: 4 } });
    velo = createVelo(kafka, { env: {}, logger: { info() {}, warn() {}, error() {} } });
  });

  afterAll(() => velo.close());

  it('are told by waitForTopic within its timeout', async ({ expect }) => {
    const begin = Date.now();
    const waiting = velo.waitForTopic('any', { timeout: TIMEOUT });
    await expect(waiting).rejects.toMatchObject({ code: 'VELO_TIMEOUT' });
    expect(Date.now() - begin).toBeLessThan(TIMEOUT + SLACK);
  });

  it('hold no waitForTopic up that is aborted', async ({ expect }) => {
    const begin = Date.now();
    const waiting = velo.waitForTopic('any', { timeout: '1h', signal: AbortSignal.timeout(TIMEOUT) });
    await expect(waiting).rejects.toMatchObject({ name: 'TimeoutError' });
    expect(Date.now() - begin).toBeLessThan(TIMEOUT + SLACK);
  });

  it('are told by a producer’s connect within its timeout', async ({ expect }) => {
    const begin = Date.now();
    const producer = velo.producer({ timeout: TIMEOUT });
    await expect(producer.connect()).rejects.toMatchObject({ code: 'VELO_TIMEOUT' });
    expect(Date.now() - begin).toBeLessThan(TIMEOUT + SLACK);
  });
});
