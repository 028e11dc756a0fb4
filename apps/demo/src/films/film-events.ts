import type { ConsumerEvents, EventOfFailure, EventOfRecord, VeloConsumer } from '@velo/kafkajs';

/** In which tier a film passed, and after how many attempts. */
export type FilmSuccess = Pick<EventOfRecord, 'tier' | 'totalAttempts'>;

/** Why an attempt failed: the error, and velo's category of it. */
export type FilmFailure = Pick<EventOfFailure, 'category' | 'error'>;

/** Where a film goes after an attempt that failed; tier 1 is the first. */
export type FilmHandOff = Pick<ConsumerEvents['handOff'], keyof FilmFailure | 'nextTier'>;

/** What happens to the films, in the demo's own words. A film is named by its identity, the record's key. */
export interface FilmEvents {
  success(film: string, event: FilmSuccess): void;
  /** An attempt failed, the next one is in place. */
  retry(film: string, failure: FilmFailure): void;
  /** A film waits in a tier now. */
  handOff(film: string, failure: FilmHandOff): void;
  deadLetter(film: string, failure: FilmFailure): void;
  /** Milliseconds after it was due, a tier's record starts. */
  late(tier: number, lateness: number): void;
}

/** What a person should be told of while the consumer runs. */
export interface ConsumerNews {
  waiting(event: Pick<ConsumerEvents['wait'], 'topic' | 'explanation'>): void;
  /** Something that the consumer got over, or is about to. */
  trouble(text: string): void;
  /** The consumer has given up. */
  dead(explanation: string): void;
}

/** The one place that knows the names of velo's events. */
export function observe(consumer: VeloConsumer, films: FilmEvents, news: ConsumerNews): void {
  consumer.on('success', (event) => films.success(filmOf(event), event));
  consumer.on('retry', (event) => films.retry(filmOf(event), event));
  consumer.on('handOff', (event) => films.handOff(filmOf(event), event));
  consumer.on('deadLetter', (event) => films.deadLetter(filmOf(event), event));
  consumer.on('late', (event) => films.late(event.tier, event.lateness));
  consumer.on('wait', (event) => news.waiting(event));
  consumer.on('crashed', ({ error }) =>
    news.trouble(`the client's consumer crashed (${textOf(error)}); velo restarts it`),
  );
  consumer.on('restarted', () => news.trouble('the consumer is back'));
  consumer.on('publishFailed', ({ topic, error }) => {
    news.trouble(`${topic} took no copy (${textOf(error)}); velo writes it again`);
  });
  consumer.on('dead', ({ explanation }) => news.dead(explanation));
}

function filmOf({ record }: Pick<EventOfRecord, 'record'>): string {
  return record.key?.toString() ?? '';
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
