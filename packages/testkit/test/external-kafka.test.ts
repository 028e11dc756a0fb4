import { expect, it } from 'vitest';
import { externalKafka } from '../src/apache-kafka/external-kafka.js';

it('is the cluster that KAFKA_BROKERS names', () => {
  const cluster = externalKafka({}, 'one:9092,two:9092');
  expect(cluster).toMatchObject({ brokers: ['one:9092', 'two:9092'], bootstrapServers: 'one:9092,two:9092' });
  expect(() => cluster?.node(1)).toThrow('KAFKA_BROKERS cannot be touched');
});

it.each([
  { why: 'a version', options: { version: '4.4.0' } },
  { why: 'three nodes', options: { nodes: 3 as const } },
  { why: 'users', options: { users: { alice: 'a' } } },
  { why: 'ACLs', options: { superUsers: [] } },
  { why: 'proxies', options: { proxied: true } },
  { why: 'server properties', options: { properties: { 'compression.type': 'gzip' } } },
])('is not used where a test asks for $why', ({ options }) => {
  expect(externalKafka(options, 'one:9092')).toBeUndefined();
});

it('is not used where nobody names one', () => {
  expect(externalKafka({}, undefined)).toBeUndefined();
  expect(externalKafka({}, '')).toBeUndefined();
});
