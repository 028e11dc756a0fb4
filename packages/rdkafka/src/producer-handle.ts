import { bootstrapCount, type RdKafkaConfig } from './config.js';
import { Deliveries } from './deliveries.js';
import { Handle } from './handle.js';
import type { RdKafka, RdKafkaProducer } from './rdkafka-api.js';

/** ms. What is left in the queue then is given up; its senders are told. */
const DELIVERY_LIMIT = 3_000;

/** A producer with what it has under way. */
export class ProducerHandle extends Handle<RdKafkaProducer> {
  readonly deliveries: Deliveries;

  constructor({ Producer }: RdKafka, { global, topic }: RdKafkaConfig) {
    super(new Producer(global, topic), bootstrapCount(global));
    this.deliveries = new Deliveries(this.client);
  }

  /** A poll after the disconnect would crash the process. */
  protected override farewell(): Promise<void> {
    return this.deliveries.end(DELIVERY_LIMIT);
  }

  protected override disconnect(callback: () => void): void {
    this.client.disconnect(0, callback);
  }
}
