import { type EmbeddedBroker, type FaultProxy, startEmbeddedBroker, startFaultProxy } from '@velo/testkit';
import { until } from '@velo/testkit/binding';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { KafkaJsAdmin } from '../src/api.js';
import { BrokerContact } from '../src/group/broker-contact.js';
import { kafkaOn } from './support.js';

let broker: EmbeddedBroker;
let proxy: FaultProxy;
let contact: BrokerContact;
let admin: KafkaJsAdmin;

beforeEach(async () => {
  broker = await startEmbeddedBroker();
  broker.createTopic('topic');
  proxy = await startFaultProxy({ target: Number(broker.brokers[0]?.split(':')[1]), renamesServer: true });
  contact = new BrokerContact();
  admin = contact.watch(kafkaOn({ brokers: [proxy.address] })).admin();
  await admin.connect();
  await ask();
});
afterEach(async () => {
  await proxy.stop();
  await admin.disconnect();
  await broker.stop();
});

const ask = () => admin.fetchTopicMetadata({ topics: ['topic'] }).catch(() => {});
const kinds = () => new Set(contact.facts.overdue.map(({ refused }) => refused));

it('a broker that answers owes nothing', () => {
  expect(contact.facts).toEqual({ sinceAnswer: expect.any(Number), overdue: [] });
});

it('a broker that refuses each connection is told so, until it answers', async () => {
  await proxy.refuse();
  await ask();
  expect(contact.facts.overdue).toEqual([
    {
      from: `broker ${proxy.address}`,
      time: expect.any(Number),
      refused: true,
      error: expect.objectContaining({ message: expect.stringMatching(/ECONN|closed/i) }),
    },
  ]);
  await proxy.heal();
  await ask();
  expect(contact.facts.overdue).toEqual([]);
});

it('so is one that ends each connection', async () => {
  await broker.stop();
  await ask();
  expect(kinds()).toEqual(new Set([true]));
});

it('a broker that is silent is not, also where it has refused connections before', async () => {
  await proxy.refuse();
  await ask();
  expect(kinds()).toEqual(new Set([true]));
  await proxy.heal();
  proxy.swallow();
  void ask();
  await until(() => contact.facts.overdue.some(({ refused }) => !refused));
});
