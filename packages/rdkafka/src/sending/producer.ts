import type { RdKafka, RdKafkaProducer } from '../api.js';
import { bootstrapCount, type RdKafkaConfig } from '../connection/config.js';
import { Handle } from '../connection/handle.js';
import { Deliveries } from './deliveries.js';

/** ms. What is left in the queue then is given up; its senders are told. */
const DELIVERY_LIMIT = 3_000;

/** A producer that only asks brokers: of the clients it alone needs no group. */
export class QueryHandle extends Handle<RdKafkaProducer> {
  constructor({ Producer }: RdKafka, { global, topic }: RdKafkaConfig) {
    super(new Producer(global, topic), bootstrapCount(global));
  }

  protected override disconnect(callback: () => void): void {
    this.client.disconnect(0, callback);
  }
}

/** A producer with what it has under way. */
export class ProducerHandle extends QueryHandle {
  readonly deliveries: Deliveries;

  constructor(library: RdKafka, config: RdKafkaConfig) {
    super(library, config);
    this.deliveries = new Deliveries(this.client);
  }

  /** A poll after the disconnect would crash the process. */
  protected override farewell(): Promise<void> {
    return this.deliveries.end(DELIVERY_LIMIT);
  }
}
