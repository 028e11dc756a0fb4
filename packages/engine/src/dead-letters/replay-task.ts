import { foreignMessage, isVeloError } from '@velo/retry-core';
import type { OutgoingRecord, PublishOutcome } from '../binding/binding.js';
import { isMissingTopic, lacksRights } from '../failures/client-error.js';
import type { CopyUnderWatch } from '../observing/write-watch.js';
import { MAX_BATCH_RECORDS } from '../sending/record-writer.js';
import type { Canary } from './canary.js';
import { atOf, type Letter } from './letter.js';
import type { Scene } from './survey.js';
import { Tally } from './tally.js';
import type { NoTarget, Target, Targets } from './targets.js';
import type { Entries, Task, Verdict } from './task.js';
import type { DeadLetterEvent, ReplayProgress, ReplayRefusal } from './types.js';
import type { Job } from './writing.js';

export interface ReplayTaskOptions {
  readonly scene: Scene;
  readonly targets: Targets;
  /** `undefined`: nothing is written. */
  readonly entries: Entries | undefined;
  readonly maxReplays: number;
  /** The first copy goes alone, and the others when it was handled. */
  readonly canary: Pick<Canary, 'prepare' | 'follow'> | undefined;
  readonly onProgress: ((progress: ReplayProgress) => void) | undefined;
}

/** More kinds of refusals are not told apart. */
const MOST_REFUSALS = 100;

/** Sends dead letters back. */
export class ReplayTask implements Task {
  readonly #options: ReplayTaskOptions;
  readonly #tally: Tally;
  readonly #targets: Record<string, number> = {};
  readonly #refusals = new Map<string, { -readonly [K in keyof ReplayRefusal]: ReplayRefusal[K] }>();
  /** Where the copies go that are under way. */
  readonly #sent = new WeakMap<Letter, OutgoingRecord>();
  readonly #watches = new WeakMap<Letter, CopyUnderWatch>();
  #canary: { readonly letter: Letter; readonly copy: OutgoingRecord } | undefined;
  #isProven: boolean;
  replayed = 0;
  passedOver = 0;
  refused = 0;

  constructor(options: ReplayTaskOptions) {
    this.#options = options;
    this.#tally = new Tally(options.scene.clock.wallTime());
    this.#isProven = options.canary === undefined;
  }

  get atOnce(): number {
    return this.#isProven ? MAX_BATCH_RECORDS : 1;
  }

  get counts() {
    const { replayed, passedOver, refused } = this;
    return {
      replayed,
      passedOver,
      passedOverBy: { 'max-replays': passedOver },
      refused,
      refusals: [...this.#refusals.values()],
      targets: this.#targets,
      groups: this.#tally.groups(),
    };
  }

  async judge(letter: Letter, refusal: unknown): Promise<Verdict> {
    const { targets, maxReplays } = this.#options;
    if (letter.replays >= maxReplays) return { kind: 'pass' };
    const target = await targets.of(letter);
    if ('refusal' in target) return { kind: 'job', job: this.#refuse(letter, target) };
    const copy = this.#watched(letter, targets.copyOf(letter, target));
    if (!this.#isProven) await this.#options.canary?.prepare(letter, target.topic);
    this.#sent.set(letter, copy);
    if (refusal !== undefined)
      return {
        kind: 'job',
        job: this.#refuse(letter, { topic: target.topic, refusal: foreignMessage(refusal) }),
      };
    return { kind: 'job', job: this.#send(letter, copy, target) };
  }

  async closes(copies: readonly OutgoingRecord[], error: unknown): Promise<boolean> {
    const { targets, scene } = this.#options;
    const topics = [...new Set(copies.map(({ topic }) => topic))];
    if (topics.length === 0) return false;
    if (isMissingTopic(error) || isVeloError(error, 'VELO_TOPIC_MISSING')) {
      for (const topic of topics)
        if ((await scene.client.partitionCount(topic).catch(() => undefined)) !== 0) return false;
    } else if (!lacksRights(error)) return false;
    for (const topic of topics) targets.close(topic, foreignMessage(error));
    return true;
  }

  settled(letter: Letter, end: PublishOutcome): DeadLetterEvent['action'] {
    const copy = this.#sent.get(letter);
    this.#watches
      .get(letter)
      ?.ended(end.written ? 'written' : 'refused', end.written ? undefined : end.error);
    if (!end.written) {
      this.#countRefusal(letter, copy?.topic, end.error);
      return 'refused';
    }
    this.replayed++;
    this.#tally.add(letter);
    if (copy !== undefined) {
      this.#targets[copy.topic] = (this.#targets[copy.topic] ?? 0) + 1;
      if (!this.#isProven) this.#canary ??= { letter, copy };
    }
    return 'replayed';
  }

  passed(): void {
    this.passedOver++;
  }

  async goesOn(): Promise<boolean> {
    if (this.#canary === undefined || this.#isProven) return true;
    this.#isProven = (await this.#options.canary?.follow(this.#canary.letter, this.#canary.copy)) ?? true;
    return this.#isProven;
  }

  progress(read: { readonly scanned: number; readonly total: number }): void {
    const { replayed, passedOver, refused } = this;
    this.#options.onProgress?.({ replayed, passedOver, refused, ...read });
  }

  /** The copy with what observers add. A batch that failed goes again: they know of it once. */
  #watched(letter: Letter, copy: OutgoingRecord): OutgoingRecord {
    const { scene, entries } = this.#options;
    if (scene.watch.copies === undefined || entries === undefined) return copy;
    const watched =
      this.#watches.get(letter) ??
      scene.watch.copies({ kind: 'replay', record: letter.record, topic: copy.topic });
    this.#watches.set(letter, watched);
    return { ...copy, headers: watched.headers(copy.headers) };
  }

  #send(letter: Letter, copy: OutgoingRecord, { topic }: Target): Job {
    const { partition } = copy;
    return {
      letter,
      copy,
      entry: (end) =>
        end.written
          ? this.#entry(letter, 'replayed', { to: { topic, partition, offset: end.offset } })
          : this.#entry(letter, 'refused', { to: { topic, partition }, error: foreignMessage(end.error) }),
    };
  }

  #refuse(letter: Letter, { topic, refusal }: NoTarget): Job {
    const to = topic === undefined ? undefined : { topic, partition: letter.partition };
    return {
      letter,
      copy: undefined,
      refusal: new Refusal(topic, refusal),
      entry: () => this.#entry(letter, 'refused', { to, error: refusal }),
    };
  }

  #entry(...[letter, action, facts]: Parameters<Entries['of']>): OutgoingRecord {
    const { entries } = this.#options;
    if (entries === undefined) throw new TypeError('Nothing is written of a dry run.');
    return entries.of(letter, action, facts);
  }

  #countRefusal(letter: Letter, copied: string | undefined, error: unknown): void {
    this.refused++;
    const topic = error instanceof Refusal ? error.topic : copied;
    const text = error instanceof Refusal ? error.message : foreignMessage(error);
    const full = this.#refusals.size >= MOST_REFUSALS;
    const key = full ? '' : `${topic} ${text}`;
    const known = this.#refusals.get(key);
    if (known !== undefined) known.count++;
    else
      this.#refusals.set(key, {
        topic: full ? undefined : topic,
        error: full ? 'other refusals' : text,
        count: 1,
        example: atOf(letter),
      });
  }
}

/** A refusal that is told in words already. */
class Refusal {
  readonly topic: string | undefined;
  readonly message: string;

  constructor(topic: string | undefined, message: string) {
    this.topic = topic;
    this.message = message;
  }
}
