import { type Clock, createRetrier, exponential, type Retrier } from '@velo/retry-core';
import type { ClientBinding } from '../binding/binding.js';
import { partitionKey, partitionsOf } from '../binding/record.js';
import type { DeadLettersWatch } from '../observing/observers.js';
import { deadLetterTopic, ledgerTopic } from '../plan/topic-names.js';
import type { Span } from './cursor.js';
import { type DeadLetterTopic, findDeadLetterTopics } from './find-topics.js';

/** What every call works with. */
export interface Scene {
  readonly client: ClientBinding;
  readonly groupId: string;
  /** What the caller has named. */
  readonly named: readonly string[] | undefined;
  readonly clientOptions: object | undefined;
  /** What observers watch. */
  readonly watch: DeadLettersWatch;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
}

/** What there is at the time of a call. */
export interface Survey {
  readonly names: ReadonlySet<string>;
  readonly topics: readonly DeadLetterTopic[];
  /** Of each partition of dead letters, what its log holds. */
  readonly spans: readonly Span[];
  /** The ids of topics of dead letters, where the brokers tell them. */
  readonly topicIds: ReadonlyMap<string, string>;
  /** The first offset of a partition of dead letters. */
  start(topic: string, partition: number): number | undefined;
}

/** Brokers that do not answer for so long end a call, ms. */
const ASK_LIMIT = 30_000;
const ASK_STRATEGY = /* @__PURE__ */ exponential({ initial: 100, multiplier: 2, max: 2_000 });

/** For questions to the brokers: what fails for a while is asked again. */
export function asking(): Retrier {
  return createRetrier({
    strategy: ASK_STRATEGY,
    maxAttempts: Number.POSITIVE_INFINITY,
    timeout: ASK_LIMIT,
  });
}

/** Looks where dead letters of the group are, and where their logs end now. */
export async function survey({ client, groupId, named }: Scene): Promise<Survey> {
  const ask = asking();
  const listed = await ask.run(() => client.listTopics());
  // Topics that may not be seen are not listed, and would be missed by nobody: asked for by name, they are refused.
  const unseen = (named ?? [])
    .map((name) => deadLetterTopic(name, groupId))
    .filter((name) => !listed.includes(name));
  for (const topic of unseen) await ask.run(() => client.partitionCount(topic));
  const topics = findDeadLetterTopics(listed, groupId, named);
  const names = topics.map(({ topic }) => topic);
  const [spans, topicIds] = await Promise.all([
    spansOf(client, names),
    ask.run(async () => (await client.topicIds?.(names)) ?? new Map<string, string>()),
  ]);
  const starts = new Map(spans.map(({ topic, partition, from }) => [partitionKey(topic, partition), from]));
  return {
    names: new Set(listed),
    topics,
    spans,
    topicIds,
    start: (topic, partition) => starts.get(partitionKey(topic, partition)),
  };
}

/** All that the logs of these topics hold now. */
export async function spansOf(client: ClientBinding, topics: readonly string[]): Promise<Span[]> {
  const ask = asking();
  const spans = topics.map(async (topic) => {
    const count = await ask.run(() => client.partitionCount(topic));
    const partitions = partitionsOf(topic, count);
    const ranges = await ask.run(() => Promise.all(client.offsets(partitions)));
    return ranges.map(({ earliest, latest }, partition) => ({
      topic,
      partition,
      from: earliest,
      end: latest,
    }));
  });
  return (await Promise.all(spans)).flat();
}

/** Those of the topics whose ledger is there, by the name of the ledger. */
export function ledgersOf(topics: Iterable<string>, names: ReadonlySet<string>): ReadonlyMap<string, string> {
  const ledgers = [...topics].map((topic) => [ledgerTopic(topic), topic] as const);
  return new Map(ledgers.filter(([ledger]) => names.has(ledger)));
}

/** Its members share the work of replays; those that only look are in groups of their own, whose names begin with it. */
export function workersOf(groupId: string): string {
  return `${groupId}-dead-letters`;
}

/** A name that nobody has, for groups and runs. */
export function uniqueName({ clock, random }: Pick<Scene, 'clock' | 'random'>): string {
  const part = () =>
    Math.floor(random() * 36 ** 5)
      .toString(36)
      .padStart(5, '0');
  return `${Math.floor(clock.wallTime()).toString(36)}-${part()}${part()}`;
}
