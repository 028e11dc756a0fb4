import { formatDuration } from '@velo/retry-core';
import type { OutgoingRecord } from '../binding/binding.js';
import { type KafkaRecord, partitionKey, placeOf, type TopicPartition } from '../binding/record.js';
import { sameBytes } from '../binding/same-bytes.js';
import { readReplays } from '../headers/replays.js';
import { readRetryState } from '../headers/retry-state.js';
import { replayTopic } from '../plan/topic-names.js';
import type { Cursor, Span } from './cursor.js';
import { tiersOf } from './group-tiers.js';
import { atOf, type Letter, readLetter } from './letter.js';
import type { LogReader } from './log-reader.js';
import { readerOf, takeSome } from './look.js';
import { asking, type Scene, type Survey, spansOf } from './survey.js';
import type { CanaryOutcome } from './types.js';

/** How often the group's position is asked for, ms. */
const LOOK_EVERY = 500;

/** The copy is there when it is looked for: what comes before it is read is little. */
const MAX_EARLY = 10_000;

/** Where a record stands, or first stood. */
interface Place extends TopicPartition {
  readonly offset: string;
}

/** As far as headers tell it. */
type Told = { readonly [K in keyof Place]?: Place[K] | undefined };

/** Follows the first copy of a replay, from where it went through tiers to its end. */
export class Canary {
  readonly #scene: Scene;
  readonly #survey: Survey;
  /** ms */
  readonly #timeout: number;
  readonly #signal: AbortSignal;
  /** All topics where the copy, or a copy of it, may appear, from before it was sent. */
  #spans: readonly Span[] = [];
  outcome: CanaryOutcome | undefined;

  constructor(scene: Scene, survey: Survey, timeout: number, signal: AbortSignal) {
    this.#scene = scene;
    this.#survey = survey;
    this.#timeout = timeout;
    this.#signal = signal;
  }

  /** To be called before the copy is sent: what is written from now on is looked through. */
  async prepare({ source }: Letter, target: string): Promise<void> {
    const { client, groupId } = this.#scene;
    const { names, topics } = this.#survey;
    const own = source === undefined ? [] : [replayTopic(source, groupId)];
    const tiers = source === undefined ? [] : tiersOf(source, groupId, names);
    const known = [...own, ...tiers.map(({ topic }) => topic)].filter((topic) => names.has(topic));
    const watched = new Set([target, ...known, ...topics.map(({ topic }) => topic)]);
    this.#spans = (await spansOf(client, [...watched])).map(({ end, ...span }) => ({
      ...span,
      from: end,
      end: Number.MAX_SAFE_INTEGER,
    }));
  }

  /** Whether the group has handled it. */
  async follow(letter: Letter, copy: OutgoingRecord): Promise<boolean> {
    const { clock } = this.#scene;
    const start = clock.now();
    const reader = readerOf(this.#scene, [...new Set(this.#spans.map(({ topic }) => topic))], {
      patient: true,
    });
    const wake = () => reader.wake();
    this.#signal.addEventListener('abort', wake, { once: true });
    const cursors = this.#spans.map((span) => reader.read(span));
    const trail = new Trail(letter, copy, this.#scene.groupId, this.#survey);
    try {
      let committed = '';
      while (clock.now() - start < this.#timeout && !this.#signal.aborted) {
        const again = this.#read(reader, cursors, trail);
        if (again !== undefined) return this.#end(letter, start, 'dead-again', { again });
        if (trail.place !== undefined) {
          committed = await this.#committed(trail.place);
          if (Number(committed) > Number(trail.place.offset) && (await this.#isLast(reader, cursors, trail)))
            return this.#end(letter, start, 'handled');
        }
        await reader.change(LOOK_EVERY);
      }
      return this.#end(letter, start, 'unknown', { note: this.#explain(trail, committed) });
    } finally {
      this.#signal.removeEventListener('abort', wake);
      await reader.close();
    }
  }

  #end(
    letter: Letter,
    start: number,
    outcome: CanaryOutcome['outcome'],
    rest: Pick<CanaryOutcome, 'again' | 'note'> = {},
  ): boolean {
    this.outcome = { at: atOf(letter), outcome, elapsed: this.#scene.clock.now() - start, ...rest };
    return outcome === 'handled';
  }

  /** @returns the dead letter that it has become, if it has */
  #read(reader: LogReader, cursors: readonly Cursor[], trail: Trail): CanaryOutcome['again'] {
    for (const cursor of cursors) {
      for (const record of takeSome(cursor)) {
        const again = trail.meet(record);
        if (again !== undefined) return { at: atOf(again), info: again.info };
      }
      reader.goOn(cursor);
    }
    return undefined;
  }

  /** Whether no other copy was written before the group had committed this one: a copy comes before its commit. */
  async #isLast(reader: LogReader, cursors: readonly Cursor[], trail: Trail): Promise<boolean> {
    const { place } = trail;
    const ends = await spansOf(this.#scene.client, [...new Set(cursors.map(({ topic }) => topic))]);
    const end = new Map(ends.map((span) => [partitionKey(span.topic, span.partition), span.end]));
    const behind = (cursor: Cursor) =>
      cursor.position < (end.get(partitionKey(cursor.topic, cursor.partition)) ?? 0);
    for (let looks = 0; cursors.some(behind); looks++) {
      // What is there to be read is read by whoever called.
      if (cursors.some(({ isEmpty }) => !isEmpty) || looks > 60) return false;
      await reader.change(LOOK_EVERY);
    }
    return trail.place === place;
  }

  async #committed({ topic, partition }: Place): Promise<string> {
    const { client, groupId } = this.#scene;
    const [committed] = await asking().run(() => client.committed(groupId, [{ topic, partition }]));
    return String(committed?.offset ?? -1);
  }

  #explain({ place }: Trail, committed: string): string {
    const { groupId } = this.#scene;
    const time = formatDuration(this.#timeout);
    if (this.#signal.aborted) return 'It was stopped while the outcome was waited for.';
    if (place === undefined) return `Its copy was not seen within ${time}.`;
    return `Group ${groupId} has not finished its copy (${placeOf(place)}) within ${time}: it has committed ${committed === '-1' ? 'nothing' : committed} there. See that its consumers run, and read that topic; or give the canary a longer timeout.`;
  }
}

/** Tells the copies of one record from all others. */
class Trail {
  /** Where the last copy stands. */
  place: Place | undefined;
  /** Where the copy that was replayed stands. */
  #first: Place | undefined;
  /** What was met before that copy: partitions are read side by side, and what came of it may be met first. */
  #early: KafkaRecord[] = [];
  readonly #letter: Letter;
  readonly #copy: OutgoingRecord;
  readonly #groupId: string;
  readonly #survey: Survey;

  constructor(letter: Letter, copy: OutgoingRecord, groupId: string, survey: Survey) {
    this.#letter = letter;
    this.#copy = copy;
    this.#groupId = groupId;
    this.#survey = survey;
  }

  /** @returns the dead letter that the record has become */
  meet(record: KafkaRecord): Letter | undefined {
    if (this.place !== undefined) return this.#followed(record);
    if (!this.#isCopy(record)) {
      if (this.#early.length < MAX_EARLY) this.#early.push(record);
      return undefined;
    }
    this.place = placed(record);
    this.#first = this.place;
    const early = this.#early;
    this.#early = [];
    return early.map((each) => this.#followed(each)).find((letter) => letter !== undefined);
  }

  #followed(record: KafkaRecord): Letter | undefined {
    const found = this.#survey.topics.find(({ topic }) => topic === record.topic);
    if (found === undefined) {
      if (this.#isOf(this.#originOf(record))) this.place = placed(record);
      return undefined;
    }
    const letter = readLetter(record, { groupId: this.#groupId, found });
    const { topic, partition, offset } = letter?.info ?? {};
    return this.#isOf({ topic, partition, offset }) ? letter : undefined;
  }

  /** By its bytes: where it stands is not told of a transaction. */
  #isCopy({ topic, partition, key, value, headers }: KafkaRecord): boolean {
    const copy = this.#copy;
    const { record, replays } = this.#letter;
    return (
      topic === copy.topic &&
      partition === copy.partition &&
      sameBytes(key, record.key) &&
      sameBytes(value, record.value) &&
      readReplays(headers) === replays + 1
    );
  }

  /** Where the record of a later copy first stood. */
  #originOf(record: KafkaRecord): Told {
    const source = this.#letter.source ?? '';
    return readRetryState(record, {
      groupId: this.#groupId,
      source,
      latest: Number.MAX_SAFE_INTEGER,
      maxAttempts: 0,
    });
  }

  #isOf(origin: Told): boolean {
    const { place } = this;
    if (place === undefined) return false;
    const { info, source } = this.#letter;
    // At a source it is a record like any other; so is one whose dead letter does not tell where it first stood.
    const isNew = this.#copy.topic === source || info?.offset === undefined || info.partition === undefined;
    const first = isNew ? this.#first : info;
    return (
      origin.partition === first?.partition && origin.offset === first?.offset && origin.topic === source
    );
  }
}

function placed({ topic, partition, offset }: KafkaRecord): Place {
  return { topic, partition, offset };
}
