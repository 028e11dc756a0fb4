import { listen } from '../connection/listen.js';
import { QueryHandle } from '../connection/query-handle.js';
import type { LibrdKafkaError } from '../errors/codes.js';
import { readFatalError } from '../errors/fatal-error.js';
import type { ClientLibrary } from '../facts.js';
import type { ClientConfig } from '../properties/config.js';
import { Deliveries } from './deliveries.js';

/** ms. What is left in the queue then is given up; its senders are told. */
const DELIVERY_LIMIT = 3_000;

/** A producer with what it has under way. */
export class ProducerHandle extends QueryHandle {
  readonly deliveries: Deliveries;
  #fatal: LibrdKafkaError | undefined;

  constructor(library: ClientLibrary, config: ClientConfig) {
    super(library, config);
    this.deliveries = new Deliveries(this.client, library.facts);
    listen(this.client, 'event.log', (line) => {
      this.#fatal ??= readFatalError(line);
    });
  }

  /** Why librdkafka has given the producer up for good; it stands in the log alone. */
  get fatal(): LibrdKafkaError | undefined {
    return this.#fatal;
  }

  /** A poll after the disconnect would crash the process. */
  protected override farewell(): Promise<void> {
    return this.deliveries.end(DELIVERY_LIMIT);
  }
}
