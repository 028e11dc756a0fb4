import type { TopicDescription, TopicSpec } from '../binding/binding.js';
import { MAX_COPY_GROWTH, MAX_STACK_GROWTH } from '../headers/bounds.js';
import { DEFAULTS } from '../plan/defaults.js';
import type { ConsumerPlan } from '../plan/plan.js';

/** A topic of velo's own. */
export interface OwnTopic {
  readonly topic: string;
  readonly kind: 'tier' | 'dead-letter';
  /** The topics whose records it takes. */
  readonly sources: readonly string[];
  /** Of a tier, ms. */
  readonly wait: number;
  /** How long it is to keep what it takes, ms. */
  readonly retention: number;
}

/** A late copy must outlive the wait by outages and slow consumers. */
const RETENTION_SLACK = 7 * 86_400_000;

/**
 * `max.message.bytes` at best: no broker takes a larger request, at its default of `socket.request.max.bytes`. A source's
 * own limit says little: a compressed batch that it takes may hold records many times as large. Nobody else writes to the
 * topic, so nothing is let in that the source kept out.
 */
export const ROOM_FOR_COPIES = 104_857_600;

/** All that the configuration names: tiers by their wait, then the topics of dead letters. */
export function ownTopics(plan: ConsumerPlan): OwnTopic[] {
  const topics = new Map<string, OwnTopic>();
  const add = (own: OwnTopic) => topics.set(own.topic, together(topics.get(own.topic), own));
  for (const { topic, tier, source, wait, exhausted } of plan.routes.values()) {
    if (tier > 0) add({ topic, kind: 'tier', sources: [source], wait, retention: keptForTier(wait) });
    if (exhausted.action !== 'dead-letter') continue;
    for (const letters of [exhausted.topic, ...exhausted.router.topics])
      add(deadLettersOf(plan, letters, source));
  }
  return [...topics.values()].sort((a, b) =>
    a.kind === b.kind ? a.wait - b.wait : a.kind === 'tier' ? -1 : 1,
  );
}

/** How long a tier of this wait is to keep its copies, ms. */
export function keptForTier(wait: number): number {
  return wait + RETENTION_SLACK;
}

/** A topic that takes the dead letters of a source. */
export function deadLettersOf(
  { routes, topicConfigs }: ConsumerPlan,
  topic: string,
  source: string,
): OwnTopic {
  const exhausted = routes.get(source)?.exhausted;
  const asked = exhausted?.action === 'dead-letter' ? exhausted.retention : DEFAULTS.retention;
  // What somebody wants on purpose is no fault; -1 is no limit.
  const given = Number(topicConfigs['retention.ms'] ?? Number.NaN);
  return {
    topic,
    kind: 'dead-letter',
    sources: [source],
    wait: 0,
    retention: given >= 0 ? Math.min(given, asked) : asked,
  };
}

/** A topic that takes the records of several sources. */
export function together(known: OwnTopic | undefined, own: OwnTopic): OwnTopic {
  return {
    ...own,
    sources: [...new Set([...(known?.sources ?? []), ...own.sources])],
    retention: Math.max(known?.retention ?? 0, own.retention),
  };
}

/**
 * As replicated and as safe as its sources, and with room for the headers that a copy adds: what a source has taken
 * must fit, in `size` bytes.
 *
 * @param sources what is known of them
 */
export function topicSpec(
  own: OwnTopic,
  partitions: number,
  sources: readonly TopicDescription[],
  plan: ConsumerPlan,
  size: number | undefined,
): TopicSpec & { readonly configs: Readonly<Record<string, string>> } {
  const { replicationFactor, configs } = asSafeAs(sources, plan.replicationFactor);
  return {
    topic: own.topic,
    partitions,
    replicationFactor,
    configs: {
      'cleanup.policy': 'delete',
      'retention.ms': String(own.retention),
      ...(limitsBytes(sources) && { 'retention.bytes': '-1' }),
      ...configs,
      ...(size !== undefined && { 'max.message.bytes': String(size) }),
      ...plan.topicConfigs,
    },
  };
}

/**
 * As replicated as the most replicated source, where the brokers tell of one. `min.insync.replicas` comes along only where
 * the replication factor does: a topic that asks for more replicas in sync than it has takes no record.
 *
 * @param asked the replication factor that is configured; -1: none, the sources' or the brokers' default
 */
export function asSafeAs(
  sources: readonly TopicDescription[],
  asked = -1,
): { readonly replicationFactor: number; readonly configs: Readonly<Record<string, string>> } {
  const known = sources.flatMap(({ replicationFactor }) => replicationFactor ?? []);
  const replicationFactor = asked === -1 && known.length > 0 ? Math.max(...known) : asked;
  const insync = largest(configsOf(sources), 'min.insync.replicas');
  const fits = insync !== undefined && insync <= replicationFactor;
  return { replicationFactor, configs: fits ? { 'min.insync.replicas': String(insync) } : {} };
}

/** The `max.message.bytes` that velo asks for. */
export function roomForCopies(sources: readonly TopicDescription[]): number {
  return Math.max(ROOM_FOR_COPIES, sizeOfCopies(sources) ?? 0);
}

/** What a copy of the largest record needs, bytes; `undefined` where no source has a limit of its own. */
export function sizeOfCopies(sources: readonly TopicDescription[]): number | undefined {
  const size = largest(configsOf(sources), 'max.message.bytes');
  return size === undefined ? undefined : size + MAX_COPY_GROWTH + MAX_STACK_GROWTH;
}

function configsOf(sources: readonly TopicDescription[]): readonly TopicDescription['configs'][] {
  return sources.map(({ configs }) => configs);
}

/** The largest value of a numeric setting; `undefined` where none of them has it. */
export function largest(all: readonly TopicDescription['configs'][], config: string): number | undefined {
  const values = all.flatMap((configs) => Number(configs?.[config] ?? Number.NaN) || []);
  return values.length > 0 ? Math.max(...values) : undefined;
}

/** Whether the sources have a limit on a partition's size, which mostly is the brokers' default. */
function limitsBytes(sources: readonly TopicDescription[]): boolean {
  return sources.some(({ effective }) => Number(effective?.['retention.bytes'] ?? -1) >= 0);
}
