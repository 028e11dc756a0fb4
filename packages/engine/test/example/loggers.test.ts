import { readFileSync } from 'node:fs';
import { Writable } from 'node:stream';
import { PermanentError } from '@velo/retry-core';
import pino from 'pino';
import { expect, it } from 'vitest';
import winston from 'winston';
import type { Logger } from '../../src/plan/config.js';
import { Consumers } from '../support/consumers.js';
import { ofPino, ofWinston } from './loggers.js';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');

/** What is written, as JSON of each line. */
class Lines extends Writable {
  readonly all: Record<string, unknown>[] = [];

  override _write(chunk: Buffer, _: string, done: () => void): void {
    for (const line of String(chunk).trim().split('\n')) this.all.push(JSON.parse(line));
    done();
  }
}

const toPino = (to: Lines) => ofPino(pino({}, to));
const toWinston = (to: Lines) =>
  ofWinston(
    winston.createLogger({
      format: winston.format.json(),
      transports: [new winston.transports.Stream({ stream: to })],
    }),
  );
const dead = {
  event: 'deadLetter',
  group: 'billing',
  topic: 'orders',
  partition: 0,
  offset: '0',
  to: 'orders-billing-dlt',
  reason: 'permanent',
  error: 'broken: the cause',
};

it.each<{ of: string; logger: (to: Lines) => Logger; line: object }>([
  { of: 'pino', logger: toPino, line: { ...dead, level: 40, msg: expect.stringContaining('orders') } },
  {
    of: 'winston',
    logger: toWinston,
    line: { ...dead, level: 'warn', message: expect.stringContaining('orders') },
  },
])('the example of a bridge to $of writes a dead letter with its fields', async ({ logger, line }) => {
  const world = new Consumers();
  world.cluster.create('orders', 1);
  world.cluster.produce('orders', 0, 'a');
  const lines = new Lines();
  world.start({
    logger: logger(lines),
    handler: () => {
      throw new PermanentError('broken', { cause: new Error('the cause') });
    },
  });
  await world.clock.advance(1_000);
  expect(lines.all).toMatchObject([line]);
  await world.end();
});

it('the examples of bridges are what the README shows', () => {
  const page = read('../../../../README.md');
  const bridges = [...read('./loggers.ts').matchAll(/structuredLogger\(\(.*\)\);/g)].map(
    ([bridge]) => bridge,
  );
  expect(bridges).toHaveLength(2);
  for (const bridge of bridges) expect(page).toContain(bridge.replace(/;$/, ''));
});
