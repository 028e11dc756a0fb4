import type { RdKafka, RdKafkaConsumer } from '../api.js';
import { bootstrapCount, type ClientConfig } from '../properties/config.js';
import { Handle } from './handle.js';

export class ConsumerHandle extends Handle<RdKafkaConsumer> {
  constructor({ KafkaConsumer }: RdKafka, { global, topic }: ClientConfig) {
    super(new KafkaConsumer(global, topic), bootstrapCount(global));
  }

  protected override disconnect(callback: () => void): void {
    this.client.disconnect(callback);
  }
}
