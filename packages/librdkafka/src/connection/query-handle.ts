import type { RdKafka, RdKafkaProducer } from '../api.js';
import { readTopicId } from '../errors/log-line.js';
import { bootstrapCount, type ClientConfig } from '../properties/config.js';
import { Handle } from './handle.js';
import { listen } from './listen.js';

/** A producer that only asks brokers: of the clients it alone needs no group. */
export class QueryHandle extends Handle<RdKafkaProducer> {
  readonly #topicIds = new Map<string, string>();

  constructor({ Producer }: RdKafka, { global, topic }: ClientConfig) {
    super(new Producer(global, topic), bootstrapCount(global));
    listen(this.client, 'event.log', (line) => {
      const news = readTopicId(line);
      if (news !== undefined) this.#topicIds.set(news.topic, news.id);
    });
  }

  /** As the brokers told it last, of a topic that this handle knows. */
  topicId(topic: string): string | undefined {
    return this.#topicIds.get(topic);
  }

  protected override disconnect(callback: () => void): void {
    this.client.disconnect(0, callback);
  }
}
