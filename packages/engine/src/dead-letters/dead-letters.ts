// One file, since the calls have their scene, and their end, in common.
import { VeloError } from '@velo/retry-core';
import type { ClientBinding } from '../binding/binding.js';
import type { Observers } from '../observing/observers.js';
import { watchClient } from '../observing/operation-watch.js';
import { Canary } from './canary.js';
import { checkConfig, checkDiscard, checkReplay, handOffOf } from './check-options.js';
import { DiscardTask } from './discard-task.js';
import { eitherSignal } from './either-signal.js';
import { checkFilter, checkListFilter, checkPlace, type LetterFilter } from './filter.js';
import { historyOf } from './history.js';
import { Look } from './look.js';
import { otherReaders } from './other-readers.js';
import { ReplayTask } from './replay-task.js';
import { summarize } from './summarize.js';
import { type Scene, type Survey, survey, uniqueName } from './survey.js';
import { Tally } from './tally.js';
import { Targets } from './targets.js';
import type {
  DeadLetter,
  DeadLetterFilter,
  DeadLetterHistory,
  DeadLetterListFilter,
  DeadLetterSummary,
  DeadLetters,
  DeadLettersConfig,
  DiscardOptions,
  DiscardResult,
  ReplayOptions,
  ReplayResult,
} from './types.js';
import { work } from './working.js';

export interface DeadLettersOptions extends Pick<Scene, 'clock' | 'random'> {
  readonly config: DeadLettersConfig;
  readonly open: () => ClientBinding;
  readonly observers: Observers;
  /** Told once all is closed. */
  readonly onClosed: () => void;
}

/** @throws {VeloError} `VELO_INVALID_OPTION`, `VELO_NOT_SUPPORTED` */
export function createDeadLetters(options: DeadLettersOptions): DeadLetters {
  return new GroupDeadLetters({ ...options, config: checkConfig(options.config) });
}

class GroupDeadLetters implements DeadLetters {
  readonly #options: DeadLettersOptions;
  readonly #end = new AbortController();
  readonly #looks = new Set<Look>();
  readonly #works = new Set<Promise<unknown>>();
  #scene: Scene | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: DeadLettersOptions) {
    this.#options = options;
  }

  async summary(filter?: DeadLetterFilter): Promise<DeadLetterSummary> {
    const { scene, checked, found } = await this.#begin((now) => checkFilter(filter, now));
    return summarize(this.#letters(scene, found, checked, 'all'), scene, found);
  }

  list(filter?: DeadLetterListFilter): AsyncIterable<DeadLetter> {
    const { clock } = this.#options;
    const checked = checkListFilter(filter, clock.wallTime());
    return this.#list(checked);
  }

  async replay(options?: ReplayOptions): Promise<ReplayResult> {
    const checked = checkReplay(options);
    return this.#work(async () => {
      const begun = await this.#begin((now) => checkFilter(options?.filter, now));
      const { scene, found, checked: filter } = begun;
      const { to, dryRun, maxReplays, perSecond, onProgress } = checked;
      const { signal, end } = eitherSignal(this.#end.signal, checked.signal);
      const run = uniqueName(scene);
      const handOff = handOffOf(this.#options.config, scene.client);
      const targets = new Targets({ scene, survey: found, to, dryRun });
      await targets.check();
      const canary =
        checked.canary === undefined || dryRun ? undefined : new Canary(scene, found, checked.canary, signal);
      const common = { scene, targets, maxReplays, canary, onProgress };
      let task = new ReplayTask({ ...common, entries: undefined });
      let stopped: 'signal' | 'task' | undefined;
      try {
        if (dryRun) await this.#tryOut(task, scene, found, filter);
        else
          stopped = await work({
            scene,
            survey: found,
            filter,
            handOff,
            run,
            perSecond,
            signal,
            task: (entries) => {
              task = new ReplayTask({ ...common, entries });
              return task;
            },
          });
      } finally {
        end();
      }
      const { counts } = task;
      const sources = Object.keys(counts.targets);
      return {
        run,
        dryRun,
        ...counts,
        handOff,
        otherReaders: to === 'source' ? await otherReaders(sources, scene) : undefined,
        canary: canary?.outcome,
        stopped: stopped === 'task' ? 'canary' : stopped,
      };
    });
  }

  async discard(options: DiscardOptions): Promise<DiscardResult> {
    const { note, dryRun, signal: given, onProgress } = checkDiscard(options);
    return this.#work(async () => {
      const { scene, found, checked: filter } = await this.#begin((now) => checkFilter(options.filter, now));
      const run = uniqueName(scene);
      if (dryRun) {
        const tally = new Tally(scene.clock.wallTime());
        let discarded = 0;
        for await (const letter of this.#letters(scene, found, filter, 'open')) {
          tally.add(letter);
          discarded++;
        }
        return { run, dryRun, discarded, groups: tally.groups(), stopped: undefined };
      }
      const { signal, end } = eitherSignal(this.#end.signal, given);
      let task: DiscardTask | undefined;
      try {
        const stopped = await work({
          scene,
          survey: found,
          filter,
          handOff: handOffOf(this.#options.config, scene.client),
          run,
          perSecond: undefined,
          signal,
          task: (entries) => {
            task = new DiscardTask({ scene, entries, note, onProgress });
            return task;
          },
        });
        const { discarded, groups } = task?.counts ?? { discarded: 0, groups: [] };
        return { run, dryRun, discarded, groups, stopped: stopped === 'signal' ? stopped : undefined };
      } finally {
        end();
      }
    });
  }

  async history(at: string): Promise<DeadLetterHistory> {
    const place = checkPlace(at);
    return this.#work(async () => {
      const { scene, found } = await this.#begin(() => undefined);
      return historyOf(place, scene, found);
    });
  }

  close(): Promise<void> {
    this.#closing ??= this.#close().finally(this.#options.onClosed);
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async *#list(
    filter: LetterFilter & { readonly status: DeadLetterListFilter['status'] },
  ): AsyncGenerator<DeadLetter> {
    const { scene, found } = await this.#begin(() => undefined);
    yield* this.#letters(scene, found, filter, filter.status);
  }

  /** All that the filter takes and that have this status. */
  async *#letters(
    scene: Scene,
    found: Survey,
    filter: LetterFilter,
    status: DeadLetterListFilter['status'],
  ): AsyncGenerator<DeadLetter> {
    const look = new Look(scene, found, filter);
    this.#looks.add(look);
    try {
      for await (const letter of look.letters())
        if ((status === 'all' || letter.status === status) && filter.matches(letter)) yield letter;
    } finally {
      this.#looks.delete(look);
    }
  }

  async #tryOut(task: ReplayTask, scene: Scene, found: Survey, filter: LetterFilter): Promise<void> {
    for await (const letter of this.#letters(scene, found, filter, 'open')) {
      const verdict = await task.judge(letter, undefined);
      if (verdict.kind === 'pass') task.passed();
      else if (verdict.job.refusal === undefined) task.settled(letter, { written: true });
      else task.settled(letter, { written: false, error: verdict.job.refusal });
    }
  }

  async #begin<F>(check: (wallTime: number) => F) {
    const { clock, config, open, observers, random } = this.#options;
    const checked = check(clock.wallTime());
    this.#assertOpen();
    if (this.#scene === undefined) {
      const { groupId } = config;
      const watch = observers.deadLetters({ groupId });
      this.#scene = {
        client: watchClient(open(), watch.operations),
        groupId,
        named: config.topics,
        clientOptions: config.client,
        watch,
        clock,
        random,
      };
    }
    const scene = this.#scene;
    const found = await survey(scene);
    this.#assertOpen();
    return { scene, checked, found };
  }

  async #work<T>(run: () => Promise<T>): Promise<T> {
    const working = run();
    const ended = working.catch(() => {});
    this.#works.add(ended);
    void ended.then(() => this.#works.delete(ended));
    return working;
  }

  async #close(): Promise<void> {
    this.#end.abort();
    await Promise.all([...this.#looks].map((look) => look.close()));
    await Promise.all(this.#works);
    await this.#scene?.client.close();
  }

  #assertOpen(): void {
    if (this.#closing === undefined) return;
    throw new VeloError(
      'VELO_CLOSED',
      'These dead letters are closed, and nothing was begun. Make new ones with velo.deadLetters().',
    );
  }
}
