import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { PROPERTY_NAMES } from '@velo/librdkafka';
import library from 'node-rdkafka';
import { expect, it } from 'vitest';
import { createVelo } from '../src/index.js';

it.each<[unknown, string]>([
  [{ brokers: ['localhost:9092'], clientId: 'shop' }, 'an object with `brokers`, `clientId`'],
  [{ consumer() {}, producer() {}, admin() {} }, 'an object with `consumer`, `producer`, `admin`'],
  [library, 'an object with `Consumer`, `Producer`, `HighLevelProducer`'],
  [class Kafka {}, 'a function or a class'],
  [undefined, 'undefined'],
  ['localhost:9092', 'a text'],
])('what are no properties is refused: %o', (given, told) => {
  const make = () => createVelo(given as never);
  expect(make).toThrow(expect.objectContaining({ code: 'VELO_INVALID_OPTION' }));
  expect(make).toThrow(`createVelo() expects librdkafka's properties, got ${told}. Nothing has connected.`);
});

it('a client of kafkajs is told where it goes', () => {
  class Client {
    consumer() {}
    producer() {}
    admin() {}
  }
  const make = () => createVelo(new Client());
  expect(make).toThrow('got a client with `consumer()`, `producer()` and `admin()`. Nothing has connected.');
  expect(make).toThrow('to createVelo of @velo/kafkajs');
});

it.each<[object, string]>([
  [{ 'bootstrap.server': 'a:1', 'client.id': 'shop' }, 'bootstrap.servers'],
  [{ 'bootstrap.servers': 'a:1', 'sesion.timeout.ms': 10_000 }, 'session.timeout.ms'],
  [{ 'bootstrap.servers': 'a:1', 'security.protocl': 'ssl' }, 'security.protocol'],
])('of a property that librdkafka does not know the nearest is named: %o', (given, meant) => {
  expect(() => createVelo(given)).toThrow(`Did you mean "${meant}"?`);
  expect(() => createVelo(given)).toThrow('No client was made with it, and nothing was read or written.');
});

it('an option that there is not is refused', () => {
  const make = (options: object) => () => createVelo({ 'bootstrap.servers': 'a:1' }, options);
  expect(make({ tokn: () => '' })).toThrow('Did you mean "token"?');
  expect(make({ loger: console })).toThrow('Did you mean "logger"?');
});

/** Properties that Confluent's newer librdkafka has besides. */
const NEWER = ['max.poll.records', 'sasl.oauthbearer.sub.claim.name', 'share.acknowledgement.mode'];

it("the names are those of node-rdkafka's librdkafka", () => {
  const file = createRequire(import.meta.url).resolve('node-rdkafka/config.d.ts');
  const declared = readFileSync(file, 'utf8').matchAll(/^ *"([\w.]+)"\?:/gm);
  const names = [...new Set([...declared].map(([, name]) => name as string))];
  const properties = names.filter((name) => !name.endsWith('_cb'));
  expect([...PROPERTY_NAMES].sort()).toEqual([...properties, ...NEWER].sort());
});
