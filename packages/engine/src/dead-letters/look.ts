import type { KafkaRecord } from '../binding/record.js';
import type { Cursor, Span } from './cursor.js';
import type { LetterFilter, Place } from './filter.js';
import type { DeadLetterTopic } from './find-topics.js';
import { Ledger } from './ledger.js';
import { readLetter, withStatus } from './letter.js';
import { LogReader, type LogReaderOptions } from './log-reader.js';
import { ledgersOf, type Scene, type Survey, spansOf, uniqueName, workersOf } from './survey.js';
import type { DeadLetter } from './types.js';

/** How many records of one partition are given before the next one has its turn. */
const TURN = 500;

/** Reads what the logs of dead letters hold, with what the ledgers say of it. Nobody notices. */
export class Look {
  readonly #scene: Scene;
  readonly #survey: Survey;
  readonly #spans: readonly Span[];
  readonly #places: readonly Place[] | undefined;
  readonly #ledger: Ledger;
  #reader: LogReader | undefined;

  constructor(scene: Scene, survey: Survey, { places }: Pick<LetterFilter, 'places'>) {
    this.#scene = scene;
    this.#survey = survey;
    this.#places = places;
    this.#spans = narrow(survey.spans, places);
    this.#ledger = ledgerOf(survey);
  }

  /** All dead letters of the group, whatever became of them. */
  async *letters(): AsyncGenerator<DeadLetter> {
    if (this.#spans.length === 0) return;
    const { groupId } = this.#scene;
    const topics = new Map(this.#survey.topics.map((found) => [found.topic, found]));
    const asked = new Set(this.#spans.map(({ topic }) => topic));
    const ledgers = ledgersOf(asked, this.#survey.names);
    const reader = readerOf(this.#scene, [...asked, ...ledgers.keys()]);
    this.#reader = reader;
    try {
      const entries = await spansOf(this.#scene.client, [...ledgers.keys()]);
      for await (const record of readSpans(reader, entries))
        this.#ledger.take(ledgers.get(record.topic) as string, record);
      for await (const record of readSpans(reader, this.#spans)) {
        const letter = readLetter(record, { groupId, found: topics.get(record.topic) as DeadLetterTopic });
        if (letter !== undefined && isAsked(record, this.#places))
          yield withStatus(letter, this.#ledger.statusOf(letter));
      }
    } finally {
      await reader.close();
    }
  }

  /** Ends the reading: whoever waits for a dead letter is told so. */
  async close(): Promise<void> {
    await this.#reader?.close();
  }
}

export function ledgerOf({ start, topicIds }: Survey, run?: string): Ledger {
  return new Ledger({ start, topicId: (topic) => topicIds.get(topic), run });
}

/** In a group of its own, which reads all partitions. */
export function readerOf(
  scene: Scene,
  topics: readonly string[],
  options: Pick<LogReaderOptions, 'patient'> = {},
): LogReader {
  const { client, groupId, clientOptions, clock } = scene;
  return new LogReader({
    client,
    groupId: `${workersOf(groupId)}-${uniqueName(scene)}`,
    topics,
    clientOptions,
    transactional: false,
    clock,
    ...options,
  });
}

/** The records of these spans, as they come: those of one partition in their order. */
export async function* readSpans(reader: LogReader, spans: readonly Span[]): AsyncGenerator<KafkaRecord> {
  const cursors = spans.map((span) => reader.read(span));
  while (cursors.some((cursor) => !cursor.done)) {
    let some = false;
    for (const cursor of cursors) {
      for (const record of takeSome(cursor)) {
        some = true;
        yield record;
      }
      reader.goOn(cursor);
    }
    if (!some && cursors.some((cursor) => !cursor.done)) await reader.change();
  }
}

export function* takeSome(cursor: Cursor): Generator<KafkaRecord> {
  for (let taken = 0; taken < TURN; taken++) {
    const record = cursor.take();
    if (record === undefined) return;
    yield record;
  }
}

/** What is worth reading: spans that hold something, as far as it is asked for. */
export function narrow(spans: readonly Span[], places: readonly Place[] | undefined): Span[] {
  const asked =
    places === undefined
      ? spans
      : spans.flatMap((span) => {
          const offsets = places.filter((place) => isAt(span, place)).map(({ offset }) => offset);
          if (offsets.length === 0) return [];
          const from = Math.max(span.from, Math.min(...offsets));
          return { ...span, from, end: Math.min(span.end, Math.max(...offsets) + 1) };
        });
  return asked.filter(({ from, end }) => from < end);
}

export function isAsked(record: KafkaRecord, places: readonly Place[] | undefined): boolean {
  return (
    places === undefined ||
    places.some((place) => isAt(record, place) && place.offset === Number(record.offset))
  );
}

function isAt(at: { readonly topic: string; readonly partition: number }, place: Place): boolean {
  return at.partition === place.partition && (place.topic ?? at.topic) === at.topic;
}
