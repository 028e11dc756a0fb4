import { fixed, RetriableError } from '@velo/retry-core';
import { expect } from 'vitest';
import { textOf } from '../harness/world.js';
import type { ScenarioGroup } from '../scenario.js';

function trap(): never {
  throw new Error('trap');
}

/** Whoever asks it for anything, its class too, gets a TypeError. */
function revoked(target: object): object {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}

/** Thrown values that end a kafkajs consumer for good, or that trip whoever looks at them. */
const ODD: readonly unknown[] = [
  new TypeError('x is not a function'),
  new RangeError('bad range'),
  new ReferenceError('x is not defined'),
  new SyntaxError('bad syntax'),
  Object.assign(new Error('do not retry'), { retriable: false }),
  Object.assign(new Error('fatal'), { name: 'KafkaJSNonRetriableError', retriable: false }),
  Object.assign(new Error('rebalance'), {
    name: 'KafkaJSProtocolError',
    type: 'REBALANCE_IN_PROGRESS',
    code: 27,
  }),
  Object.assign(new Error('Local: Fatal error'), { code: -150, isFatal: true }),
  Object.create(null),
  {
    get message(): string {
      throw new Error('no message');
    },
  },
  revoked({}),
  revoked(new Error('gone')),
  new Error('of a revoked proxy', { cause: revoked({}) }),
  new Proxy(new Error('x'), { get: trap, getPrototypeOf: trap, has: trap, ownKeys: trap }),
  'a text',
  0,
  null,
  undefined,
];

/** MESSAGE_TOO_LARGE, and also RESOURCE_EXHAUSTED's neighbour ABORTED in gRPC. */
const TEN = 10;

/** Promises 3 and 5. */
export const handlerErrors: ScenarioGroup = {
  name: 'an error of a handler',
  scenarios: [
    {
      name: 'never reaches the client, whatever it is',
      run: async (world) => {
        const topic = await world.topic();
        await world.write(topic, ...ODD.map((_, i) => String(i)), 'last');
        const member = await world.joined({
          topics: [topic],
          retry: { inPlace: { maxAttempts: 2, strategy: fixed(1) } },
          exhausted: { action: 'skip' },
          handler: (record, { attempt }) => {
            const text = textOf(record);
            if (text === 'last') return;
            const thrown = ODD[Number(text)];
            // Thrown at the first attempt, rejected at the second
            if (attempt === 1 && Number(text) % 2 === 0) throw thrown;
            return Promise.reject(thrown);
          },
        });
        await member.untilHandled('last');
        await world.untilCommitted(topic, ODD.length + 1);
        expect(member.told('skipped').map(({ record }) => textOf(record))).toEqual(
          ODD.map((_, i) => String(i)),
        );
        expect(member.told('crashed')).toEqual([]);
        expect(member.consumer.health()).toMatchObject({ state: 'running', restarts: 0 });
      },
    },
    {
      name: 'of a listener, of the logger, of the configuration’s functions ends nobody either, at once or later',
      run: async (world) => {
        const topic = await world.topic();
        await world.write(topic, ...ODD.map((_, i) => String(i)));
        let turn = 0;
        const fail = () => {
          const thrown = ODD[turn++ % ODD.length];
          if (turn % 2 === 0) throw thrown;
          return Promise.reject(thrown) as never;
        };
        const member = world.member({
          topics: [topic],
          logger: { info: fail, warn: fail, error: fail },
          retry: {
            inPlace: { maxAttempts: 2, strategy: { kind: 'odd', delay: fail, observe: fail } },
            classify: fail,
          },
          exhausted: { action: 'dead-letter', route: fail },
          handler: () => fail(),
        });
        for (const event of ['assigned', 'retry', 'deadLetter'] as const) member.consumer.on(event, fail);
        await member.consumer.start();
        await world.untilCommitted(topic, ODD.length);
        expect(member.told('crashed')).toEqual([]);
        expect(member.consumer.health()).toMatchObject({ state: 'running', restarts: 0 });
      },
    },
    {
      name: 'is counted for its record alone: a hundred that pass at their second attempt are no reason to give up',
      run: async (world) => {
        const topic = await world.topic();
        const values = Array.from({ length: 100 }, (_, i) => String(i));
        await world.write(topic, ...values);
        const member = await world.joined({
          topics: [topic],
          retry: { inPlace: { maxAttempts: 2, strategy: fixed(1) } },
          handler: (_, { attempt }) => {
            if (attempt === 1) throw new Error('first attempt');
          },
        });
        await member.untilHandled('99');
        expect(member.attempts.map(({ context }) => context.attempt)).toEqual(values.flatMap(() => [1, 2]));
        expect(member.told('deadLetter')).toEqual([]);
        expect(member.told('crashed')).toEqual([]);
        await world.untilCommitted(topic, 100);
      },
    },
    {
      name: 'in decode is permanent, and the dead letter keeps the bytes',
      run: async (world) => {
        const topic = await world.topic();
        const value = Buffer.from([123, 0, 255, 254]);
        await world.write(topic, { value });
        const velo = world.velo();
        const consumer = velo.consumer({
          groupId: world.groupId,
          topics: [topic],
          startFrom: 'earliest',
          client: world.adapter.client.quick,
          decode: (record) => JSON.parse(String(record.value)) as object,
          handler: () => {},
        });
        const told = new Promise<string>((resolve) =>
          consumer.on('deadLetter', ({ reason }) => resolve(reason)),
        );
        await consumer.start();
        expect(await told).toBe('permanent');
        expect((await world.observer.read(world.ownTopic(topic, 'dlt')))[0]?.value).toEqual(value);
      },
    },
    {
      name: 'that comes from this client puts the record at fault; the same number from elsewhere does not',
      run: async (world) => {
        const topic = await world.topic();
        const narrow = await world.topic();
        await world.write(topic, 'gRPC', 'Kafka');
        const producer = world.velo().producer();
        const member = world.member({
          topics: [topic],
          retry: { inPlace: { maxAttempts: 3, strategy: fixed(1) } },
          exhausted: { action: 'skip' },
          handler: async (record) => {
            if (textOf(record) === 'gRPC') throw Object.assign(new Error('10 ABORTED: later'), { code: TEN });
            await producer.send({ topic: narrow, messages: [{ value: 'x'.repeat(100) }] });
          },
        });
        await world.cluster.refuseWrites(narrow);
        await member.consumer.start();
        await member.untilTold('skipped', 2);
        expect(member.tried).toEqual(['gRPC', 'gRPC', 'gRPC', 'Kafka']);
        expect(member.told('skipped').map(({ reason }) => reason)).toEqual(['exhausted', 'permanent']);
      },
    },
    {
      name: 'that asks for a wait gets it: in place where no tier is long enough',
      run: async (world) => {
        const topic = await world.topic();
        await world.write(topic, 'later');
        const member = await world.joined({
          topics: [topic],
          handler: (_, { attempt }) => {
            if (attempt === 1) throw new RetriableError('later', { after: '400ms' });
          },
        });
        await member.untilHandled('later');
        const [first, second] = member.attempts.map(({ at }) => at) as [number, number];
        expect(second - first).toBeGreaterThanOrEqual(400);
        expect(member.attempts.map(({ record }) => record.topic)).toEqual([topic, topic]);
      },
    },
  ],
};
