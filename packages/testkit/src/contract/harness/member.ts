import type {
  ConsumerConfig,
  ConsumerEvent,
  ConsumerEvents,
  HandlerContext,
  KafkaRecord,
  Velo,
  VeloConsumer,
} from '@velo/engine';
import { until } from '../../support/until.js';

const EVENTS: readonly ConsumerEvent[] = [
  'wait',
  'assigned',
  'revoked',
  'misassigned',
  'success',
  'late',
  'retry',
  'handOff',
  'followed',
  'deferred',
  'deadLetter',
  'skipped',
  'misrouted',
  'publishFailed',
  'publishRefused',
  'commitFailed',
  'positionFailed',
  'offsetOutOfRange',
  'positionReset',
  'stalled',
  'guarded',
  'held',
  'released',
  'unread',
  'scattered',
  'disconnected',
  'crashed',
  'restarted',
  'dead',
  'stopped',
];

/** One attempt of a record, as its handler saw it. */
export interface Attempt {
  readonly text: string | null;
  readonly record: KafkaRecord;
  readonly context: HandlerContext;
  /** ms since 1970 */
  readonly at: number;
}

/** A consumer of velo's under test, with all that it was given and all that it told. */
export class Member {
  readonly velo: Velo;
  readonly consumer: VeloConsumer;
  readonly attempts: Attempt[] = [];
  readonly #events: { readonly type: ConsumerEvent; readonly event: unknown }[] = [];

  constructor(velo: Velo, config: ConsumerConfig) {
    this.velo = velo;
    const handler = (record: KafkaRecord, context: HandlerContext) => {
      this.attempts.push({ text: record.value?.toString() ?? null, record, context, at: Date.now() });
      return config.handler?.(record, context);
    };
    this.consumer = velo.consumer({ ...config, handler: config.batch === undefined ? handler : undefined });
    for (const type of EVENTS) this.consumer.on(type, (event) => this.#events.push({ type, event }));
  }

  /** The values that were tried, in order. */
  get tried(): (string | null)[] {
    return this.attempts.map(({ text }) => text);
  }

  /** The values whose handler has succeeded, in order. */
  get handled(): (string | null)[] {
    return this.told('success').map(({ record }) => record.value?.toString() ?? null);
  }

  told<E extends ConsumerEvent>(type: E): ConsumerEvents[E][] {
    return this.#events.filter((told) => told.type === type).map((told) => told.event as ConsumerEvents[E]);
  }

  get eventTypes(): ConsumerEvent[] {
    return this.#events.map(({ type }) => type);
  }

  /** Waits for a condition on this member. */
  until(what: string, condition: () => unknown, limit?: number): Promise<unknown> {
    return until(what, condition, {
      ...(limit === undefined ? {} : { limit }),
      seen: () => this.state,
    });
  }

  /** For an error's text. */
  get state(): object {
    const { state, error, partitions } = this.consumer.health();
    return {
      state,
      partitions: partitions.map(
        ({ topic, partition, position, committed, queued }) =>
          `${topic} ${partition}: ${committed} ${position} ${queued}`,
      ),
      error: error?.message,
      tried: this.tried.slice(-20).map((text) => text?.slice(0, 40)),
      events: this.eventTypes.filter((type) => type !== 'success').slice(-20),
    };
  }

  untilHandled(...values: string[]): Promise<unknown> {
    return this.until(`handled: ${values}`, () => values.every((value) => this.handled.includes(value)));
  }

  untilTold(event: ConsumerEvent, times = 1): Promise<unknown> {
    return this.until(`event ${event}, ${times} times`, () => this.told(event).length >= times);
  }
}
