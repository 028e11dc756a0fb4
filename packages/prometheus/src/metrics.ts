// One file, since it is one list: dashboards, alert rules, docs and code know metrics from here alone.
import { GAUGES } from '@velo/engine';

/** What is measured: dashboards, alert rules, docs and code know metrics and labels from here alone. */
export interface Metric {
  readonly kind: 'counter' | 'gauge' | 'histogram';
  /** Behind the prefix. */
  readonly name: string;
  /** One or two sentences; what a zero or a rise means where that is not plain. */
  readonly help: string;
  readonly labels: readonly LabelName[];
  /** Upper bounds of a histogram's buckets, in the unit of its name. */
  readonly buckets?: readonly number[];
  /** Of a gauge whose values may not be added up, over consumers or processes. */
  readonly isGreatest?: boolean;
}

export type LabelName = keyof typeof LABELS;

/** Before each name. */
export const DEFAULT_PREFIX = 'velo_';

/** All labels. None has values without bound: no offset, no key, no text of a record or an error. */
export const LABELS = {
  group: 'the consumer group',
  topic: 'the source topic, in tiers and for dead letters too; of a producer: where it sends to',
  tier: '`0` is the source with its replay topic, `1` the first retry topic',
  partition: 'the number of the partition',
  target: 'the topic that a copy goes to: a tier, or one of dead letters',
  outcome: 'how it ended: `success`, `failure`, `timeout` (of the handler)',
  first: '`true` for a record’s first attempt of all, in whatever topic',
  kind: '`successful_without_retry`, `successful_with_retry`, `failed_without_retry`, `failed_with_retry`',
  category:
    'of the error: `TopicMissing`, `NetworkIssue`, `AuthenticationIssue`, `ConfigurationIssue`, `Unknown`; `none` for a success',
  reason: 'why: of a dead letter, a skip, a hold, a reset, as its event tells',
  place: 'where the record waits for its next attempt: `in_place`, `tier`',
  state: 'of a consumer, as `health()` tells; of a breaker: `closed`, `open`, `half-open`',
} as const;

/** Seconds: handlers take from microseconds to minutes. */
const HANDLER_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
/** Seconds: waits take from a first backoff in place to a tier of days. */
const WAIT_BUCKETS = [0.1, 0.5, 1, 5, 10, 30, 60, 300, 600, 1_800, 3_600, 21_600, 86_400];
/** Seconds, beyond the time at which a record was due. */
const LATENESS_BUCKETS = [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300];

const OF_GROUP = ['group'] as const;
const OF_SOURCE = ['group', 'topic'] as const;
const OF_TOPIC = ['group', 'topic', 'tier'] as const;

export const METRICS = {
  // Records and their attempts.
  attempts: {
    kind: 'counter',
    name: 'attempts_total',
    help: 'Attempts that have ended: runs of the handler for one record. In a batch, each record counts.',
    labels: [...OF_TOPIC, 'outcome', 'category', 'first'],
  },
  records: {
    kind: 'counter',
    name: 'records_total',
    help: 'Records that have come to their end: handled, dead-lettered or skipped.',
    labels: [...OF_SOURCE, 'kind'],
  },
  handlerDuration: {
    kind: 'histogram',
    name: 'handler_duration_seconds',
    help: 'How long one run of a handler takes; of a batch, all its records together.',
    labels: [...OF_TOPIC, 'outcome'],
    buckets: HANDLER_BUCKETS,
  },
  retryWait: {
    kind: 'histogram',
    name: 'retry_wait_seconds',
    help: 'How long a failed record is to wait for its next attempt.',
    labels: [...OF_SOURCE, 'place'],
    buckets: WAIT_BUCKETS,
  },
  lateness: {
    kind: 'histogram',
    name: 'tier_lateness_seconds',
    help: 'How long after it was due a record of a tier starts. It grows where a tier has more than its consumers can handle.',
    labels: OF_TOPIC,
    buckets: LATENESS_BUCKETS,
  },

  // Where failed records go.
  handOffs: {
    kind: 'counter',
    name: 'hand_offs_total',
    help: 'Records whose copy in a tier the brokers have acknowledged; the label tier is where it went.',
    labels: [...OF_TOPIC, 'category'],
  },
  followed: {
    kind: 'counter',
    name: 'followed_records_total',
    help: 'With retry.keepKeyOrder: records that joined others of their key in a tier, untried.',
    labels: OF_TOPIC,
  },
  deferred: {
    kind: 'counter',
    name: 'deferred_records_total',
    help: 'Records of a tier that were sent on untried, as they are due later than its wait.',
    labels: OF_TOPIC,
  },
  deadLetters: {
    kind: 'counter',
    name: 'dead_letters_total',
    help: 'Records whose copy in the dead-letter topic the brokers have acknowledged.',
    labels: [...OF_SOURCE, 'reason'],
  },
  skipped: {
    kind: 'counter',
    name: 'skipped_records_total',
    help: 'Records that were given up without a dead letter, as configured.',
    labels: [...OF_SOURCE, 'reason'],
  },
  misrouted: {
    kind: 'counter',
    name: 'misrouted_dead_letters_total',
    help: 'Dead letters for which exhausted.route threw or named no topic: the default topic has them.',
    labels: OF_SOURCE,
  },
  refusedCopies: {
    kind: 'counter',
    name: 'refused_copies_total',
    help: 'Copies that the brokers will never take: another topic, fewer headers or `refused` follows.',
    labels: OF_SOURCE,
  },
  publishFailures: {
    kind: 'counter',
    name: 'publish_failures_total',
    help: 'Sends of copies that have failed and are tried again. Offsets stand still meanwhile, nothing is lost.',
    labels: ['group', 'target', 'category'],
  },

  // The group and its brokers.
  commitFailures: {
    kind: 'counter',
    name: 'commit_failures_total',
    help: 'Commits that have failed and are tried again. What they were for comes again after a crash.',
    labels: [...OF_GROUP, 'category'],
  },
  positionFailures: {
    kind: 'counter',
    name: 'position_failures_total',
    help: 'Looks for where partitions begin that have failed and are made again; their records wait.',
    labels: [...OF_GROUP, 'category'],
  },
  passedOver: {
    kind: 'counter',
    name: 'passed_over_records_total',
    help: 'Records that were deleted before the group had read them, at the most: they are lost to it.',
    labels: OF_SOURCE,
  },
  positionResets: {
    kind: 'counter',
    name: 'position_resets_total',
    help: 'Partitions that began anew at another position than their member knew.',
    labels: [...OF_SOURCE, 'reason'],
  },
  holds: {
    kind: 'counter',
    name: 'holds_total',
    help: 'How often a source with its tiers was held: nothing of it starts until that ends.',
    labels: [...OF_SOURCE, 'reason'],
  },
  stalls: {
    kind: 'counter',
    name: 'stalls_total',
    help: 'Handlers that ran longer than stallAfter; each is counted once.',
    labels: OF_TOPIC,
  },
  topicWaits: {
    kind: 'counter',
    name: 'topic_waits_total',
    help: 'Looks for a needed topic that was not there.',
    labels: OF_SOURCE,
  },
  rebalances: {
    kind: 'counter',
    name: 'rebalances_total',
    help: 'Assignments of partitions whose positions are known.',
    labels: OF_GROUP,
  },
  disconnections: {
    kind: 'counter',
    name: 'disconnections_total',
    help: 'How often a broker owed the member an answer for seconds beyond its time.',
    labels: OF_GROUP,
  },
  crashes: {
    kind: 'counter',
    name: 'crashes_total',
    help: 'Client consumers that have ended by themselves; velo starts a new one.',
    labels: OF_GROUP,
  },
  restarts: {
    kind: 'counter',
    name: 'restarts_total',
    help: 'Client consumers that were started in place of one that had crashed.',
    labels: OF_GROUP,
  },

  // What is at hand, whenever it is scraped: see @velo/engine.
  consumers: { ...GAUGES.consumers, kind: 'gauge', name: 'consumers', labels: [...OF_GROUP, 'state'] },
  liveConsumers: { ...GAUGES.liveConsumers, kind: 'gauge', name: 'live_consumers', labels: OF_GROUP },
  readyConsumers: { ...GAUGES.readyConsumers, kind: 'gauge', name: 'ready_consumers', labels: OF_GROUP },
  assignedPartitions: {
    ...GAUGES.assignedPartitions,
    kind: 'gauge',
    name: 'assigned_partitions',
    labels: OF_TOPIC,
  },
  pausedPartitions: {
    ...GAUGES.pausedPartitions,
    kind: 'gauge',
    name: 'paused_partitions',
    labels: OF_TOPIC,
  },
  unreadPartitions: {
    ...GAUGES.unreadPartitions,
    kind: 'gauge',
    name: 'unread_partitions',
    labels: OF_SOURCE,
  },
  lag: { ...GAUGES.lag, kind: 'gauge', name: 'lag_records', labels: [...OF_TOPIC, 'partition'] },
  lagAge: { ...GAUGES.lagAge, kind: 'gauge', name: 'lag_age_seconds', labels: OF_GROUP },
  bufferedRecords: { ...GAUGES.bufferedRecords, kind: 'gauge', name: 'buffered_records', labels: OF_TOPIC },
  bufferedBytes: { ...GAUGES.bufferedBytes, kind: 'gauge', name: 'buffered_bytes', labels: OF_TOPIC },
  runningHandlers: { ...GAUGES.runningHandlers, kind: 'gauge', name: 'running_handlers', labels: OF_TOPIC },
  oldestHandler: {
    ...GAUGES.oldestHandler,
    kind: 'gauge',
    name: 'oldest_handler_age_seconds',
    labels: OF_TOPIC,
  },
  pendingCopies: { ...GAUGES.pendingCopies, kind: 'gauge', name: 'pending_copies', labels: OF_GROUP },
  heldSources: {
    ...GAUGES.heldSources,
    kind: 'gauge',
    name: 'held_sources',
    labels: [...OF_SOURCE, 'reason'],
  },
  retryBudget: { ...GAUGES.retryBudget, kind: 'gauge', name: 'retry_budget_tokens', labels: OF_SOURCE },
  breakers: { ...GAUGES.breakers, kind: 'gauge', name: 'circuit_breakers', labels: [...OF_SOURCE, 'state'] },
  contactAge: { ...GAUGES.contactAge, kind: 'gauge', name: 'broker_contact_age_seconds', labels: OF_GROUP },
  waitingKeys: { ...GAUGES.waitingKeys, kind: 'gauge', name: 'waiting_keys', labels: OF_GROUP },
  followers: { ...GAUGES.followers, kind: 'gauge', name: 'follower_records', labels: OF_GROUP },

  // Where it is asked for.
  openDeadLetters: {
    kind: 'gauge',
    name: 'open_dead_letters',
    help: 'Dead letters that were neither replayed nor discarded, at the last look; only with watchDeadLetters().',
    labels: ['group', 'target'],
    isGreatest: true,
  },
  oldestOpenDeadLetter: {
    kind: 'gauge',
    name: 'oldest_open_dead_letter_timestamp_seconds',
    help: 'When the oldest of them was written, in seconds since 1970; only with watchDeadLetters().',
    labels: ['group', 'target'],
    isGreatest: true,
  },
  deadLettersLook: {
    kind: 'gauge',
    name: 'open_dead_letters_look_timestamp_seconds',
    help: 'When they were last counted, in seconds since 1970; only with watchDeadLetters().',
    labels: OF_GROUP,
    isGreatest: true,
  },
} as const satisfies Record<string, Metric>;

export type MetricKey = keyof typeof METRICS;
