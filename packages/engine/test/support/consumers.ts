import type { KafkaRecord } from '../../src/binding/record.js';
import type { VeloConsumer } from '../../src/consumer/velo-consumer.js';
import type { ConsumerEvent, ConsumerEvents } from '../../src/observing/events.js';
import type { Observer } from '../../src/observing/observer.js';
import type { ConsumerConfig } from '../../src/plan/config.js';
import type { ProducerConfig, VeloProducer } from '../../src/producer/producer.js';
import { createVeloOn, type Velo } from '../../src/velo.js';
import { MemoryCluster } from './memory-cluster.js';
import { VirtualClock } from './virtual-clock.js';

export const text = (record: KafkaRecord) => record.value?.toString() ?? null;

export interface ConsumerInTest {
  readonly consumer: VeloConsumer;
  /** What `start()` gives; its rejection is no unhandled one. */
  readonly joined: Promise<void>;
  told<E extends ConsumerEvent>(type: E): ConsumerEvents[E][];
}

/** A cluster in memory, virtual time, and consumers of `orders` in group `billing`. */
export class Consumers {
  readonly cluster = new MemoryCluster();
  readonly clock = new VirtualClock();
  /** What was logged as a warning. */
  readonly warnings: string[] = [];
  /** What was logged as an error. */
  readonly errors: string[] = [];
  observers: readonly Observer[] = [];
  readonly #velos: Velo[] = [];
  readonly #logger = {
    info() {},
    warn: (text: string) => void this.warnings.push(text),
    error: (text: string) => void this.errors.push(text),
  };

  constructor() {
    this.cluster.wallTime = () => this.clock.wallTime();
  }

  velo(): Velo {
    const { clock, observers } = this;
    const velo = createVeloOn(this.cluster.open, { clock, env: {}, logger: this.#logger, observers });
    this.#velos.push(velo);
    return velo;
  }

  create(config: Partial<ConsumerConfig> = {}): VeloConsumer {
    const velo = this.velo();
    return velo.consumer({
      groupId: 'billing',
      topics: ['orders'],
      startFrom: 'earliest',
      handler: () => {},
      ...config,
    });
  }

  producer(config: ProducerConfig): VeloProducer {
    const velo = this.velo();
    return velo.producer(config);
  }

  /** @param events those that are asked for later */
  start(config: Partial<ConsumerConfig>, ...events: ConsumerEvent[]): ConsumerInTest {
    const consumer = this.create(config);
    const told = new Map<ConsumerEvent, unknown[]>(events.map((type) => [type, []]));
    for (const [type, list] of told) consumer.on(type, (event) => list.push(event));
    const joined = consumer.start();
    joined.catch(() => {});
    return {
      consumer,
      joined,
      told: <E extends ConsumerEvent>(type: E) => told.get(type) as ConsumerEvents[E][],
    };
  }

  /** Closes all; a timer or a client that is left is a fault. */
  async end(): Promise<void> {
    const closing = this.#velos.map((velo) => velo.close());
    await this.clock.advance(120_000);
    await Promise.all(closing);
    if (this.cluster.openClients !== 0) throw new Error(`${this.cluster.openClients} clients are left`);
    if (this.clock.pending !== 0) throw new Error(`${this.clock.pending} timers are left`);
  }
}
