import { type ConsumerConfig, createVeloOn, type Velo } from '@velo/engine';
import { seededRandom } from '@velo/testkit/random';
import { Broker, type BrokerOptions, type Outage } from './broker.js';
import { MemoryKafka } from './memory-kafka.js';
import { WINDOW } from './tally.js';
import { VirtualClock } from './virtual-clock.js';

/** What velo is asked to do when things go wrong. */
export type Policy = Pick<ConsumerConfig, 'retry' | 'flow'>;

export interface ConsumersOptions {
  readonly seed: number;
  /** Each is a process of its own, with topics of its own. */
  readonly consumers: number;
  /** Records a second that each gets, at random moments. */
  readonly rate: number;
  /** What all handlers call. */
  readonly service: BrokerOptions;
  /** In which the service is down, ms since the start; or, with `isBug`, in which the handler throws a TypeError. */
  readonly trouble: Outage;
  readonly isBug: boolean;
  /** The last record is written then, ms; all is looked at a while later. */
  readonly until: number;
  /** Of each consumer; chance is its argument. */
  readonly policy: (random: () => number) => Policy;
}

export interface ConsumersResult {
  readonly records: number;
  /** Calls, or handlers, that failed. */
  readonly wasted: number;
  /** ms from the end of the trouble until no record was left that was written before; Infinity if one always was. */
  readonly recovery: number;
  /** Calls in the busiest 100 ms after it. */
  readonly peak: number;
  readonly deadLetters: number;
  /** Neither handled nor dead-lettered at the end. */
  readonly open: number;
}

const TOPIC = 'orders';
const GROUP = 'billing';
const DEAD_LETTERS = `${TOPIC}-${GROUP}-dlt`;
/** Handlers at once, of each consumer. */
const CONCURRENCY = 8;
/** How long is waited for the last one, ms. */
const REST = 600_000;
const silent = { info() {}, warn() {}, error() {} };

/** velo's own consumers, in virtual time, with a service that is down for a while. The same options give the same result. */
export async function simulateConsumers(options: ConsumersOptions): Promise<ConsumersResult> {
  const fleet = new ConsumerFleet(options);
  return fleet.run();
}

class ConsumerFleet {
  readonly #options: ConsumersOptions;
  readonly #clock = new VirtualClock();
  readonly #service: Broker;
  readonly #random: () => number;
  readonly #clusters: MemoryKafka[] = [];
  #written = 0;
  /** Written before the trouble was over, and neither handled nor dead-lettered yet. */
  readonly #early = new Set<string>();
  #recoveredAt = Number.NEGATIVE_INFINITY;
  #handled = 0;
  #wasted = 0;
  readonly #windows = new Map<number, number>();

  constructor(options: ConsumersOptions) {
    this.#options = options;
    this.#service = new Broker(options.service, options.isBug ? [] : [options.trouble]);
    this.#random = seededRandom(options.seed);
  }

  async run(): Promise<ConsumersResult> {
    const { consumers, trouble, isBug, until } = this.#options;
    const velos = Array.from({ length: consumers }, (_, i) => this.#start(i));
    for (let i = 0; i < consumers; i++) this.#writeLater(i);
    await this.#clock.runUntil(trouble.to);
    // Whoever has deployed a bug takes it back, and says so.
    if (isBug) for (const { consumer } of velos) consumer.resume();
    await this.#clock.runUntil(until + REST);
    const deadLetters = this.#clusters.reduce((sum, kafka) => sum + kafka.log(DEAD_LETTERS).length, 0);
    const closing = velos.map(({ velo }) => velo.close());
    await this.#clock.runUntil(until + 2 * REST);
    await Promise.all(closing);
    return {
      records: this.#written,
      wasted: this.#wasted,
      recovery: this.#early.size > 0 ? Number.POSITIVE_INFINITY : Math.max(0, this.#recoveredAt - trouble.to),
      peak: Math.max(0, ...this.#windows.values()),
      deadLetters,
      open: this.#written - this.#handled - deadLetters,
    };
  }

  #start(index: number): { readonly velo: Velo; readonly consumer: ReturnType<Velo['consumer']> } {
    const kafka = new MemoryKafka(() => this.#clock.wallTime());
    this.#clusters.push(kafka);
    const velo = createVeloOn(() => kafka.bind(), { clock: this.#clock, env: {}, logger: silent });
    const consumer = velo.consumer({
      ...this.#options.policy(seededRandom(this.#options.seed * 7_919 + index + 1)),
      groupId: GROUP,
      topics: [TOPIC],
      startFrom: 'earliest',
      concurrency: CONCURRENCY,
      order: 'none',
      handler: (record) => this.#handle(`${index} ${record.value}`),
    });
    consumer.on('deadLetter', ({ record }) => this.#ended(`${index} ${record.value}`));
    void consumer.start();
    return { velo, consumer };
  }

  /** As they come: the pauses between them are exponential. */
  #writeLater(index: number): void {
    const { rate, until, trouble } = this.#options;
    this.#clock.schedule((-Math.log(1 - this.#random()) * 1_000) / rate, () => {
      if (this.#clock.now() > until) return;
      const value = String(this.#written++);
      if (this.#clock.now() < trouble.to) this.#early.add(`${index} ${value}`);
      this.#clusters[index]?.write(TOPIC, { value });
      this.#writeLater(index);
    });
  }

  async #handle(name: string): Promise<void> {
    const { trouble, isBug } = this.#options;
    const now = this.#clock.now();
    if (isBug && now >= trouble.from && now < trouble.to) {
      this.#wasted++;
      throw new TypeError("Cannot read properties of undefined (reading 'total')");
    }
    if (now >= trouble.to) {
      const window = Math.floor(now / WINDOW);
      this.#windows.set(window, (this.#windows.get(window) ?? 0) + 1);
    }
    const { at, served } = this.#service.call(now);
    await this.#clock.wait(at - now);
    if (!served) {
      this.#wasted++;
      throw new Error('service unavailable');
    }
    this.#handled++;
    this.#ended(name);
  }

  #ended(name: string): void {
    if (this.#early.delete(name) && this.#early.size === 0) this.#recoveredAt = this.#clock.now();
  }
}
