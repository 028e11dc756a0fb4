import type { RdKafka, RdKafkaProducer } from '../api.js';
import { bootstrapCount, type ClientConfig } from '../properties/config.js';
import { Handle } from './handle.js';

/** A producer that only asks brokers: of the clients it alone needs no group. */
export class QueryHandle extends Handle<RdKafkaProducer> {
  constructor({ Producer }: RdKafka, { global, topic }: ClientConfig) {
    super(new Producer(global, topic), bootstrapCount(global));
  }

  protected override disconnect(callback: () => void): void {
    this.client.disconnect(0, callback);
  }
}
