import { checkNames, foreignMessage, invalidOption, isVeloError, VeloError } from '@velo/retry-core';
import type { OutgoingRecord } from '../binding/binding.js';
import { lacksRights } from '../failures/client-error.js';
import { type Replay, replayHeaders } from '../headers/replay-headers.js';
import { legalTopic } from '../plan/check-option.js';
import { replayTopic } from '../plan/topic-names.js';
import { firstReadTier, tiersOf } from './group-tiers.js';
import type { Letter } from './letter.js';
import { makeReplayTopic } from './make-topics.js';
import { asking, type Scene, type Survey } from './survey.js';
import type { ReplayTarget } from './types.js';

/** Where the copies of one source go. */
export interface Target {
  readonly topic: string;
  readonly partitions: number;
  readonly state: Replay['state'];
}

/** Why a copy goes nowhere, for people. */
export interface NoTarget {
  readonly topic: string | undefined;
  readonly refusal: string;
}

export interface TargetsOptions {
  readonly scene: Scene;
  readonly survey: Survey;
  readonly to: ReplayTarget;
  /** Nothing is made. */
  readonly dryRun: boolean;
}

/** Topics of the brokers' own. */
const INTERNAL = /^__/;

/** @throws {VeloError} `VELO_INVALID_OPTION` */
export function checkTarget(to: unknown): ReplayTarget {
  if (to === 'group' || to === 'source') return to;
  if (typeof to !== 'object' || to === null)
    throw invalidOption('to', to, "'group', 'source', or { topic: '…' }");
  checkNames(to, { topic: true }, "'to' of replay()");
  return { topic: legalTopic((to as { topic?: unknown }).topic, 'to.topic') };
}

/** Where dead letters go back to, source by source. */
export class Targets {
  readonly #options: TargetsOptions;
  readonly #known = new Map<string, Promise<Target | NoTarget>>();
  /** Topics that take nothing, and why. */
  readonly #closed = new Map<string, string>();

  constructor(options: TargetsOptions) {
    this.#options = options;
  }

  /** @throws {VeloError} `VELO_TOPIC_MISSING` if the caller has named a topic that is not there, `VELO_INVALID_OPTION` if it would go round */
  async check(): Promise<void> {
    const { to, survey, scene } = this.#options;
    if (typeof to === 'string') return;
    if (survey.topics.some(({ topic }) => topic === to.topic))
      throw invalidOption(
        'to.topic',
        to.topic,
        'a topic that holds none of these dead letters: they would go round',
      );
    if ((await asking().run(() => scene.client.partitionCount(to.topic))) === 0)
      throw new VeloError(
        'VELO_TOPIC_MISSING',
        `There is no topic ${to.topic} to replay to. Nothing was replayed. Create it first, or leave 'to' out: then the dead letters go back to their group.`,
      );
  }

  async of(letter: Letter): Promise<Target | NoTarget> {
    const target = await this.#find(letter);
    const closed = target.topic === undefined ? undefined : this.#closed.get(target.topic);
    return closed === undefined ? target : { topic: target.topic, refusal: closed };
  }

  /** From now on, nothing goes to this topic. */
  close(topic: string, why: string): void {
    this.#closed.set(topic, why);
  }

  copyOf({ record, info, source }: Letter, { topic, partitions, state }: Target): OutgoingRecord {
    const { clock, groupId } = this.#options.scene;
    const at = clock.wallTime();
    const { key, value } = record;
    return {
      topic,
      partition: (info?.partition ?? record.partition) % partitions,
      key,
      value,
      headers: replayHeaders(record, { info, source: source ?? '', groupId, state, at }),
      timestamp: at,
    };
  }

  #find({ topic, source, record }: Letter): Promise<Target | NoTarget> {
    const { to } = this.#options;
    const asked = typeof to === 'object' ? to.topic : source;
    if (asked === undefined)
      return Promise.resolve({
        topic: undefined,
        refusal: 'it does not tell where its record came from: replay it with to: { topic }',
      });
    const key = `${asked} ${topic}`;
    let found = this.#known.get(key);
    if (found === undefined) {
      found = this.#decide(asked, record.topic).catch((error: unknown) => {
        // Nobody but a person can mend these, and other sources are none the worse for them.
        if (lacksRights(error) || isVeloError(error, 'VELO_TOPOLOGY'))
          return { topic: undefined, refusal: foreignMessage(error) };
        this.#known.delete(key);
        throw error;
      });
      this.#known.set(key, found);
    }
    return found;
  }

  async #decide(asked: string, letters: string): Promise<Target | NoTarget> {
    const { to, survey } = this.#options;
    if (typeof to === 'object') return this.#existing(asked);
    const { source } = survey.topics.find(({ topic }) => topic === letters) ?? {};
    // Headers alone must not make topics, nor lead to the brokers' own.
    if (INTERNAL.test(asked) || (asked !== source && !survey.names.has(asked)))
      return { topic: asked, refusal: `its source ${asked} does not exist: replay it with to: { topic }` };
    return to === 'source' ? this.#existing(asked) : this.#ofGroup(asked, letters);
  }

  async #existing(topic: string): Promise<Target | NoTarget> {
    const { client } = this.#options.scene;
    const partitions = await asking().run(() => client.partitionCount(topic));
    return partitions > 0
      ? { topic, partitions, state: 'none' }
      : { topic, refusal: `the topic ${topic} does not exist: create it, or replay with to: { topic }` };
  }

  async #ofGroup(source: string, letters: string): Promise<Target | NoTarget> {
    const { scene, survey, dryRun } = this.#options;
    const { client, groupId, clock } = scene;
    const ask = asking();
    const tiers = tiersOf(source, groupId, survey.names);
    const tier = await ask.run(() => firstReadTier(tiers, groupId, client, clock));
    if (tier !== undefined) {
      const partitions = await ask.run(() => client.partitionCount(tier.topic));
      const springs = !tier.own && client.capabilities.binaryHeaders;
      if (partitions > 0) return { topic: tier.topic, partitions, state: springs ? 'spring' : 'velo' };
    }
    const topic = replayTopic(source, groupId);
    const found = await ask.run(() => client.partitionCount(topic));
    if (found > 0) return { topic, partitions: found, state: 'velo' };
    const [ofSource, ofLetters] = await Promise.all(
      [source, letters].map((name) => ask.run(() => client.partitionCount(name))),
    );
    const partitions = ofSource || ofLetters || 1;
    return {
      topic,
      partitions: dryRun ? partitions : await makeReplayTopic(topic, partitions, source, scene),
      state: 'velo',
    };
  }
}
