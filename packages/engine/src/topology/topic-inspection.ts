import { VeloError } from '@velo/retry-core';
import type { OwnTopic } from './own-topics.js';
import { describeFaults, type TopicFault, topicFaults } from './topic-faults.js';
import type { TopicMaker } from './topic-maker.js';

export interface TopicInspectionOptions {
  readonly groupId: string;
  readonly maker: TopicMaker;
  readonly warn: (message: string) => void;
  /** A topic that loses copies is refused. */
  readonly strict: boolean;
}

/** Compares topics that somebody else has made with what velo needs of them. */
export class TopicInspection {
  readonly #options: TopicInspectionOptions;
  readonly #faults = new Map<string, readonly TopicFault[]>();

  constructor(options: TopicInspectionOptions) {
    this.#options = options;
  }

  /** All that was found so far. */
  get faults(): readonly TopicFault[] {
    return [...this.#faults.values()].flat();
  }

  /**
   * Warns of what is wrong, once.
   *
   * @throws {VeloError} `VELO_TOPOLOGY` where it is strict and copies would be lost
   */
  async inspect(topics: readonly OwnTopic[]): Promise<void> {
    const { groupId, strict, warn } = this.#options;
    const fresh = (await this.compare(topics)).filter(
      ({ topic, text }) => !this.#faults.get(topic)?.some((fault) => fault.text === text),
    );
    for (const fault of fresh)
      this.#faults.set(fault.topic, [...(this.#faults.get(fault.topic) ?? []), fault]);
    const losses = this.faults.filter(({ loses }) => loses);
    if (strict && losses.length > 0) {
      throw new VeloError(
        'VELO_TOPOLOGY',
        `Topics of consumer group ${groupId} would lose records, and velo is strict. Nothing is lost: it has not started.\n${describeFaults(losses)}`,
      );
    }
    if (fresh.length > 0)
      warn(
        `Topics of consumer group ${groupId} are not as velo needs them. What may be lost, and what mends it:\n${describeFaults(fresh)}`,
      );
  }

  /** What is wrong at present; nothing is known of a topic that brokers do not describe. */
  async compare(topics: readonly OwnTopic[]): Promise<TopicFault[]> {
    const { maker } = this.#options;
    const described = await maker.describeAll(topics.flatMap(({ topic, sources }) => [topic, ...sources]));
    return topics.flatMap((own) =>
      topicFaults(
        own,
        described.get(own.topic) ?? {},
        own.sources.map((source) => described.get(source) ?? {}),
      ),
    );
  }
}
