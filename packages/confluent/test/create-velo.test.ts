import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import library from '@confluentinc/kafka-javascript';
import { PROPERTY_NAMES } from '@velo/librdkafka';
import { describe, expect, it } from 'vitest';
import { createVelo, openConfluentClient } from '../src/index.js';

const kafka = new library.KafkaJS.Kafka({ kafkaJS: { brokers: ['localhost:1'] } });

it.each<[unknown, string]>([
  [kafka, 'a client with `consumer()`, `producer()` and `admin()`'],
  [{ kafkaJS: { brokers: ['localhost:9092'], clientId: 'hunter2' } }, 'an object with `kafkaJS`'],
  [{ brokers: ['localhost:9092'] }, 'an object with `brokers`'],
  [library, 'an object with `Consumer`, `Producer`, `HighLevelProducer`'],
  [library.KafkaJS.Kafka, 'a function or a class'],
  [undefined, 'undefined'],
  ['localhost:9092', 'a text'],
])('what are no properties is refused, and the way told: %o', (given, told) => {
  const make = () => createVelo(given as never);
  expect(make).toThrow(expect.objectContaining({ code: 'VELO_INVALID_OPTION' }));
  expect(make).toThrow(`createVelo() expects librdkafka's properties, got ${told}. Nothing has connected.`);
  expect(make).toThrow('without `kafkaJS`: createVelo({');
  expect(make).not.toThrow('hunter2');
});

it.each<[object, string]>([
  [{ 'bootstrap.server': 'a:1', 'client.id': 'shop' }, 'bootstrap.servers'],
  [{ 'bootstrap.servers': 'a:1', 'sesion.timeout.ms': 10_000 }, 'session.timeout.ms'],
])('of a property that librdkafka does not know the nearest is named: %o', (given, meant) => {
  expect(() => createVelo(given)).toThrow(`Did you mean "${meant}"?`);
});

it('an option that there is not is refused', () => {
  expect(() => createVelo({ 'bootstrap.servers': 'a:1' }, { tokn: () => '' } as object)).toThrow(
    'Did you mean "token"?',
  );
});

it("the names that are told are those of the client's librdkafka", () => {
  const file = createRequire(import.meta.url).resolve('@confluentinc/kafka-javascript/types/config.d.ts');
  const declared = readFileSync(file, 'utf8').matchAll(/^ *"([\w.]+)"\?:/gm);
  const names = [...new Set([...declared].map(([, name]) => name as string))];
  expect([...PROPERTY_NAMES].sort()).toEqual(names.filter((name) => !name.endsWith('_cb')).sort());
});

describe('a version that is too old', () => {
  class KafkaConsumer {}
  const old = { ...library, KafkaConsumer, librdkafkaVersion: '2.3.0' };

  it('is refused at once', () => {
    const open = () => openConfluentClient(old as never, { 'bootstrap.servers': 'a:1' });
    expect(open).toThrow(expect.objectContaining({ code: 'VELO_NOT_SUPPORTED' }));
    expect(open).toThrow('needs version 1.10 or newer');
    expect(open).toThrow('its librdkafka: 2.3.0');
  });
});
