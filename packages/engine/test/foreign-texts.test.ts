import { PermanentError } from '@velo/retry-core';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Consumers } from './support/consumers.js';
import { kafkaError } from './support/memory-cluster.js';

/** A record's content, as an error quotes it: a forged line, a terminal's commands, a secret. */
const CONTENT = 'bad\n2026-01-01 ERROR all is lost \u001b[2J\u009b31m\u202e\u2028 password=hunter2';
const UNFIT = /[^\P{Cc}\n]|[\p{Cf}\u2028\u2029]|^2026|hunter2/mu;

let consumers: Consumers;
let logged: string[];
const log = (message: string) => void logged.push(message);

beforeEach(() => {
  consumers = new Consumers();
  consumers.cluster.create('orders');
  logged = [];
});
afterEach(() => consumers.end());

const failing = (error: unknown) => () => {
  throw error;
};

it.each([
  {
    of: 'the record that the consumer stops at',
    config: { handler: failing(new PermanentError(CONTENT)), exhausted: { action: 'stop' as const } },
  },
])('an error of $of is quoted clean: in the log, in `dead`, in health', async ({ config }) => {
  consumers.cluster.produce('orders', 0, 'bad');
  const { consumer, told } = consumers.start(
    { ...config, logger: { info: log, warn: log, error: log } },
    'dead',
  );
  await consumers.clock.advance(1_000);
  const texts = [...logged, told('dead')[0]?.explanation, consumer.health().error?.message];
  expect(texts.join()).toContain('password=***');
  for (const text of texts) expect(text).not.toMatch(UNFIT);
});

it.each([
  { of: 'a client that crashed', error: kafkaError(25, CONTENT) },
  { of: 'a client that fails in an unknown way', error: new Error(CONTENT) },
])('an error of $of is quoted clean', async ({ error }) => {
  const config = { logger: { info: log, warn: log, error: log } };
  const { consumer, joined } = consumers.start(config, 'dead');
  await consumers.clock.advance(100);
  await joined;
  consumers.cluster.onJoin = failing(error);
  consumers.cluster.members[0]?.crash(error);
  await consumers.clock.advance(3_600_000);
  expect(consumer.health().state).toBe('dead');
  const texts = [...logged, consumer.health().error?.message];
  expect(texts.join()).toContain('password=***');
  for (const text of texts) expect(text).not.toMatch(UNFIT);
});

it('an error of a strategy is quoted clean in the log', async () => {
  consumers.cluster.produce('orders', 0, 'bad');
  const strategy = { kind: 'broken', delay: failing(new Error(CONTENT)) };
  consumers.start({
    handler: failing(new Error('x')),
    retry: { inPlace: { maxAttempts: 3, strategy } },
    logger: { info: log, warn: log, error: log },
  });
  await consumers.clock.advance(1_000);
  expect(logged.join()).toContain('password=***');
  for (const text of logged) expect(text).not.toMatch(UNFIT);
});
