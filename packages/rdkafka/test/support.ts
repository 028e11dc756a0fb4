import type { ClientBinding } from '@velo/engine';
import type { Addresses, BindingUnderTest } from '@velo/testkit/binding';
import library from 'node-rdkafka';
import { openRdKafkaClient, type RdKafkaClientOptions } from '../src/index.js';

export { record, Told, uniqueName as unique, until } from '@velo/testkit/binding';

/** A client of a broker, with further properties. */
export function clientOn(
  { bootstrapServers }: Pick<Addresses, 'bootstrapServers'>,
  properties: object = {},
  options?: RdKafkaClientOptions,
): ClientBinding {
  return openRdKafkaClient(library, { 'bootstrap.servers': bootstrapServers, ...properties }, options);
}

export const rdkafka: BindingUnderTest = {
  name: 'rdkafka',
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

/** What `call` is called back with. */
export function called<R = unknown>(
  call: (callback: (error: unknown, result: R) => void) => void,
): Promise<R> {
  return new Promise((resolve, reject) => {
    call((error, result) => (error ? reject(error) : resolve(result)));
  });
}
