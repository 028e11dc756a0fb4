import { Kafka, logLevel } from 'kafkajs';
import { expect, it } from 'vitest';
import { createVelo, type MemberSink, openKafkaJsClient } from '../src/index.js';

const kafka = new Kafka({ brokers: ['localhost:1'], logLevel: logLevel.NOTHING });

it.each<[unknown, string]>([
  [{ brokers: ['localhost:9092'], password: 'hunter2' }, 'an object with `brokers`, `password`'],
  [{ 'bootstrap.servers': 'a:1' }, 'an object with `bootstrap.servers`'],
  [Kafka, 'a function or a class'],
  [undefined, 'undefined'],
  [null, 'null'],
  ['localhost:9092', 'a text'],
  [['localhost:9092'], 'an array'],
  [{}, 'an empty object'],
])('what is no client of kafkajs is refused: %o', (given, told) => {
  const make = () => createVelo(given as never);
  expect(make).toThrow(expect.objectContaining({ code: 'VELO_INVALID_OPTION' }));
  expect(make).toThrow(`expects \`new Kafka({ … })\` of kafkajs, got ${told}. Nothing has connected.`);
  expect(make).not.toThrow('hunter2');
});

it("Confluent's client of the same shape is refused", () => {
  const confluent = {
    Kafka: class {
      consumer() {}
      producer() {}
      admin() {}
    },
  };
  const make = () => createVelo(new confluent.Kafka() as never);
  expect(make).toThrow(expect.objectContaining({ code: 'VELO_INVALID_OPTION' }));
  expect(make).toThrow('got a client with `consumer()`, `producer()` and `admin()`. Nothing has connected.');
  expect(make).toThrow('This one is of @confluentinc/kafka-javascript');
});

it('a client of kafkajs is taken, and what speaks its API', async () => {
  await createVelo(kafka).close();
  await createVelo({
    admin: () => kafka.admin(),
    producer: () => kafka.producer(),
    consumer: (config) => kafka.consumer(config),
  } as Kafka).close();
});

it('an option that there is not is refused, of velo and of a consumer of kafkajs', async () => {
  expect(() => createVelo(kafka, { loger: console } as object)).toThrow('Did you mean "logger"?');
  const client = openKafkaJsClient(kafka);
  const sink: MemberSink = {
    assigned() {},
    revoking: async () => {},
    revoked() {},
    records() {},
    crashed() {},
  } as never;
  const join = (options: object) =>
    client.join({ groupId: 'billing', topics: ['orders'], client: options }, sink);
  await expect(join({ sesionTimeout: 10_000 })).rejects.toThrow('Did you mean "sessionTimeout"?');
  await expect(join({ retry: { retry: 3 } })).rejects.toMatchObject({ code: 'VELO_INVALID_OPTION' });
  await client.close();
});
