import library from '@confluentinc/kafka-javascript';
import type { ClientBinding } from '@velo/engine';
import type { Addresses, BindingUnderTest } from '@velo/testkit/binding';
import { type ConfluentClientOptions, openConfluentClient } from '../src/index.js';

/** A client of a broker, with further properties. */
export function clientOn(
  { bootstrapServers }: Pick<Addresses, 'bootstrapServers'>,
  properties: object = {},
  options?: ConfluentClientOptions,
): ClientBinding {
  return openConfluentClient(library, { 'bootstrap.servers': bootstrapServers, ...properties }, options);
}

export const confluent: BindingUnderTest = {
  name: 'confluent',
  // ms. 10,000, after which it tells that nobody is there, would try a test's patience.
  open: (cluster) => clientOn(cluster, { 'message.timeout.ms': 3_000 }),
  quick: { 'heartbeat.interval.ms': 100 },
  assignors: Object.fromEntries(
    ['range,roundrobin', 'cooperative-sticky'].map((name) => [
      name,
      { 'partition.assignment.strategy': name },
    ]),
  ),
  headerOrder: true,
};
