// One file, since the order of its steps is what keeps a dead letter from being done twice.
import {
  type Clock,
  classifyKafkaError,
  exponential,
  isProgramError,
  isVeloError,
  RetriesExhaustedError,
  sleep,
} from '@velo/retry-core';
import type { PublishOutcome } from '../binding/binding.js';
import type { TopicPartition } from '../binding/record.js';
import { sizeInBytes } from '../binding/record-size.js';
import { passes } from '../failures/client-error.js';
import { Rate } from '../flow/rate.js';
import { MAX_BATCH_BYTES, MAX_BATCH_RECORDS } from '../sending/record-writer.js';
import type { Span } from './cursor.js';
import type { LetterFilter } from './filter.js';
import type { DeadLetterTopic } from './find-topics.js';
import type { Ledger } from './ledger.js';
import { type Letter, readLetter } from './letter.js';
import type { LogReader } from './log-reader.js';
import { isAsked } from './look.js';
import { type Item, Part } from './part.js';
import type { Task } from './task.js';
import type { Job, Share, ShareEnd, Writing } from './writing.js';

export interface RunOptions {
  readonly groupId: string;
  readonly topics: ReadonlyMap<string, DeadLetterTopic>;
  readonly spans: readonly Span[];
  readonly filter: LetterFilter;
  readonly ledger: Ledger;
  /** Reads all that the ledgers say of these partitions. */
  readonly catchUp: (parts: readonly TopicPartition[]) => Promise<void>;
  /** A member of the group that shares the work. */
  readonly reader: LogReader;
  readonly writing: Writing;
  readonly task: Task;
  /** Copies a second. */
  readonly perSecond: number | undefined;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
}

/** What fails for so long ends the run, ms. */
const TROUBLE_LIMIT = 120_000;
const BACKOFF = /* @__PURE__ */ exponential({ initial: 100, multiplier: 2, max: 5_000 });
/** How long a member stays away that has done its partitions, while another one does the rest. */
const PASSES = /* @__PURE__ */ exponential({ initial: 1_000, multiplier: 2, max: 30_000 });
/** Progress is told whenever so many more were looked at. */
const LOOKS = 1_000;

/**
 * Settles the dead letters of some spans, batch by batch, as far as they are this member's. Before the first batch of a partition in an
 * assignment, what others have under way there is over, and the ledger is read to its end: so none is done twice.
 */
export class Run {
  readonly #options: RunOptions;
  readonly #parts: readonly Part[];
  readonly #rate: Rate | undefined;
  readonly #total: number;
  #writing: Promise<unknown> | undefined;
  /** The assignment that a rebalance is about to end. */
  #ending = -1;
  #passes = 0;
  #troubles = 0;
  #troubledSince = 0;
  #looked = 0;
  #turn = 0;

  constructor(options: RunOptions) {
    this.#options = options;
    const { reader, spans, perSecond } = options;
    this.#parts = spans.map((span) => new Part(reader.read(span)));
    this.#total = spans.reduce((sum, { from, end }) => sum + end - from, 0);
    if (perSecond !== undefined)
      this.#rate = new Rate({ perSecond, burst: Math.max(1, Math.ceil(perSecond / 10)) });
  }

  /** For the reader: resolves when no batch is under way, and none begins before the next assignment. */
  async rest(): Promise<void> {
    this.#ending = this.#options.reader.assignments;
    await this.#writing;
  }

  /** @returns why it has stopped before its end, if it has */
  async run(): Promise<'signal' | 'task' | undefined> {
    const { reader, signal } = this.#options;
    while (this.#parts.some((part) => !part.finished)) {
      if (signal.aborted) return 'signal';
      this.#look();
      const mine = this.#mine();
      if (mine.length === 0) {
        await this.#wait();
        continue;
      }
      if (!(await this.#attempt(() => this.#secure(mine)))) continue;
      const delay = this.#rate?.wait(this.#options.clock.now()) ?? 0;
      if (delay > 0) {
        await reader.change(delay);
        continue;
      }
      const goesOn = await this.#attempt(() => this.#batch(mine));
      if (goesOn !== false) this.#troubles = 0;
      this.#tell();
      if (goesOn === 'stop') return 'task';
    }
    return undefined;
  }

  /** Takes what has come. What has other owners by now is kept: should it come back, the ledger tells what they have done of it. */
  #look(): void {
    const { reader, groupId, topics, filter, ledger } = this.#options;
    const before = this.#looked;
    for (const part of this.#parts) {
      if (reader.isGone(part)) part.drop();
      while (!part.isFull) {
        const record = part.cursor.take();
        if (record === undefined) break;
        this.#looked++;
        const found = topics.get(record.topic) as DeadLetterTopic;
        const letter = isAsked(record, filter.places) ? readLetter(record, { groupId, found }) : undefined;
        if (letter !== undefined && filter.matches(letter) && ledger.statusOf(letter) === 'open')
          part.add(letter);
      }
      reader.goOn(part.cursor);
    }
    if (Math.floor(before / LOOKS) !== Math.floor(this.#looked / LOOKS)) this.#tell();
  }

  /** Parts with something to settle. A member that is about to lose its partitions has none. */
  #mine(): Part[] {
    const { reader } = this.#options;
    if (this.#ending === reader.assignments) return [];
    return this.#parts.filter((part) => part.items.length > 0 && reader.owns(part));
  }

  async #wait(): Promise<void> {
    const { reader, random } = this.#options;
    if (this.#parts.every(({ finished }) => finished)) return;
    const owned = this.#parts.filter((part) => reader.owns(part));
    const idle = reader.ownsSome && owned.every(({ finished }) => finished);
    if (!idle || this.#ending === reader.assignments) return reader.change();
    // What is left belongs to another member, which wants what this one has.
    await reader.pass(PASSES.delay(this.#passes++) * (1 - random() / 2));
  }

  async #secure(parts: readonly Part[]): Promise<void> {
    const { reader, writing, ledger, task, catchUp } = this.#options;
    const now = reader.assignments;
    const doubtful = parts.filter(({ securedBy }) => securedBy !== now);
    if (doubtful.length === 0) return;
    await writing.secure(doubtful.map(({ topic, partition }) => ({ topic, partition })));
    await catchUp(doubtful);
    for (const part of doubtful) {
      const open: Item[] = [];
      for (const item of part.items) {
        if (ledger.statusOf(item.letter) === 'open') open.push(item);
        // Of a batch whose answer was lost; what others have done is theirs.
        else if (ledger.isOwn(item.letter)) task.settled(item.letter, { written: true });
      }
      part.keep(open);
      part.securedBy = now;
    }
  }

  /** One batch of all parts together. */
  async #batch(mine: readonly Part[]): Promise<'stop' | undefined> {
    const { reader, task, clock } = this.#options;
    const now = reader.assignments;
    // An assignment may have come while the others were secured: by member, brokers would take a batch of what is another's by now.
    const parts = mine.filter(({ securedBy }) => securedBy === now);
    if (parts.length === 0) return undefined;
    let room = Math.min(
      MAX_BATCH_RECORDS,
      this.#rate?.available(clock.now()) ?? MAX_BATCH_RECORDS,
      task.atOnce,
    );
    const picks: Pick[] = [];
    // In turn, so that none waits for the others to end.
    this.#turn = (this.#turn + 1) % parts.length;
    for (const part of [...parts.slice(this.#turn), ...parts.slice(0, this.#turn)]) {
      if (part.items.length === 0 || room <= 0) continue;
      const pick = await this.#pick(part, room);
      room -= pick.copies;
      picks.push(pick);
    }
    if (reader.assignments !== now || this.#ending === now) return undefined;
    this.#rate?.take(
      picks.reduce((sum, { copies }) => sum + copies, 0),
      clock.now(),
    );
    const going = picks.filter(({ jobs }) => jobs.length > 0);
    const writing = going.length === 0 ? Promise.resolve([]) : this.#write(going);
    this.#writing = writing.catch(() => {});
    const ends = new Map((await writing).map((end, i) => [going[i], end]));
    let trouble: Trouble | undefined;
    for (const pick of picks) {
      const end = ends.get(pick) ?? { ends: [] };
      if ('ends' in end) await this.#settle(pick, end.ends);
      else trouble = (await this.#undone(pick, end)) ?? trouble;
    }
    if (trouble !== undefined) throw trouble.error;
    return (await task.goesOn()) ? undefined : 'stop';
  }

  /** The items at the front of a part, as many as go together. */
  async #pick(part: Part, room: number): Promise<Pick> {
    const { task } = this.#options;
    const jobs: Job[] = [];
    const passed: Letter[] = [];
    let [count, copies, bytes] = [0, 0, 0];
    const most = part.apart > 0 ? 1 : part.items.length;
    for (const item of part.items.slice(0, most)) {
      const verdict = await task.judge(item.letter, item.refusal);
      if (verdict.kind === 'pass') passed.push(item.letter);
      else {
        bytes += verdict.job.copy === undefined ? 0 : sizeInBytes(item.letter.record);
        if (jobs.length > 0 && (bytes > MAX_BATCH_BYTES || copies >= room)) break;
        jobs.push(verdict.job);
        if (verdict.job.copy !== undefined) copies++;
      }
      count++;
    }
    return { part, jobs, passed, count, copies };
  }

  #write(picks: readonly Pick[]): Promise<readonly ShareEnd[]> {
    const shares: Share[] = picks.map(({ part: { topic, partition, from }, jobs }) => ({
      partition: { topic, partition },
      commit: from,
      jobs,
    }));
    return this.#options.writing.write(shares);
  }

  async #settle({ part, jobs, passed, count }: Pick, ends: readonly PublishOutcome[]): Promise<void> {
    const { task, ledger } = this.#options;
    part.settle(count);
    for (const letter of passed) task.passed(letter);
    for (const [i, job] of jobs.entries()) {
      const refused = { written: false, error: job.refusal } as const;
      const end = ends[i];
      if (end?.written === false && job.copy !== undefined) await task.closes([job.copy], end.error);
      const told = task.settled(
        job.letter,
        job.refusal === undefined ? (ends[i] as PublishOutcome) : refused,
      );
      ledger.note(job.letter, told);
    }
  }

  /** @returns what is to be waited for, if it is not the fault of a copy */
  async #undone({ part, jobs }: Pick, { error, suspects }: Undone): Promise<Trouble | undefined> {
    part.securedBy = -1;
    const copies = suspects.flatMap((i) => jobs[i]?.copy ?? []);
    const whole = await this.#options.task.closes(copies, error);
    if (!whole && (suspects.length === 0 || passes(error))) return { error };
    if (!whole && suspects.length > 1) {
      part.apart = jobs.length;
      return undefined;
    }
    for (const suspect of suspects) {
      const item = part.items.find(({ letter }) => letter === jobs[suspect]?.letter);
      if (item !== undefined) item.refusal = error;
    }
    return undefined;
  }

  /** Tries again what fails for a while. False: it has failed, and time has passed. */
  async #attempt<T>(work: () => Promise<T>): Promise<T | true | false> {
    const { clock, reader, signal } = this.#options;
    try {
      return (await work()) ?? true;
    } catch (error) {
      const now = clock.now();
      if (this.#troubles === 0) this.#troubledSince = now;
      await reader.leaveOut(error);
      // The time of such a one is over already.
      if (!passes(error) || isProgramError(error) || isVeloError(error, 'VELO_TIMEOUT')) throw error;
      const elapsed = now - this.#troubledSince;
      if (elapsed > TROUBLE_LIMIT)
        throw new RetriesExhaustedError({
          code: 'VELO_TIMEOUT',
          attempts: this.#troubles,
          elapsed,
          category: classifyKafkaError(error).category,
          cause: error,
          note: 'What was done before stays so, and the rest is open. See that the brokers answer, and call it again.',
        });
      await sleep(BACKOFF.delay(this.#troubles++), signal, clock).catch(() => {});
      return false;
    }
  }

  #tell(): void {
    const left = this.#parts.reduce(
      (sum, { cursor, position }) => sum + Math.max(0, cursor.end - position),
      0,
    );
    this.#options.task.progress({ scanned: Math.max(0, this.#total - left), total: this.#total });
  }
}

interface Trouble {
  readonly error: unknown;
}

type Undone = Extract<ShareEnd, Trouble>;

/** What goes of one part in one batch. */
interface Pick {
  readonly part: Part;
  readonly jobs: readonly Job[];
  readonly passed: readonly Letter[];
  /** Items, from the front. */
  readonly count: number;
  readonly copies: number;
}
