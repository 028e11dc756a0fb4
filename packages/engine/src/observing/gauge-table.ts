/** What a gauge of consumers tells. Observers give it its name. */
export interface GaugeFacts {
  /** One or two sentences; what a zero or a rise means where that is not plain. */
  readonly help: string;
  /** In UCUM, as OpenTelemetry has units. */
  readonly unit: string;
  /** Its values may not be added up, over consumers or processes: the greatest counts. */
  readonly isGreatest?: boolean;
}

/** All gauges of consumers, which `GaugeReader` reads. */
export const GAUGES = {
  consumers: {
    help: 'Consumers of this process in a state of health(); those that were stopped are not counted.',
    unit: '{consumer}',
  },
  liveConsumers: {
    help: 'Consumers of this process whose health().live is true: only a dead one is helped by a new process.',
    unit: '{consumer}',
  },
  readyConsumers: {
    help: 'Consumers of this process whose health().ready is true.',
    unit: '{consumer}',
  },
  assignedPartitions: {
    help: 'Partitions that the consumers of this process own.',
    unit: '{partition}',
  },
  pausedPartitions: {
    help: 'Those of them that are not fetched, as their buffer is full.',
    unit: '{partition}',
  },
  unreadPartitions: {
    help: 'Partitions that the group’s leader has given to no member that reads them, as far as this one knows.',
    unit: '{partition}',
    isGreatest: true,
  },
  lag: {
    help: 'Records that are not handled yet: not fetched, or buffered. Gaps in the offsets count until they are passed, ends of transactions do not.',
    unit: '{record}',
  },
  lagAge: {
    help: 'How long ago the brokers told the oldest of the log ends that the lag is reckoned from. It grows while a leader does not answer.',
    unit: 's',
    isGreatest: true,
  },
  bufferedRecords: {
    help: 'Records that were fetched and have not ended, those that are being handled among them.',
    unit: '{record}',
  },
  bufferedBytes: {
    help: 'About what these records keep in memory.',
    unit: 'By',
  },
  runningHandlers: {
    help: 'Handlers that have not ended.',
    unit: '{handler}',
  },
  oldestHandler: {
    help: 'How long the handler has been running that began first; 0 where none runs.',
    unit: 's',
    isGreatest: true,
  },
  pendingCopies: {
    help: 'Copies on their way to tiers and dead-letter topics, not acknowledged yet.',
    unit: '{copy}',
  },
  heldSources: {
    help: '1 while nothing of the source and its tiers starts, for this reason.',
    unit: '{source}',
  },
  retryBudget: {
    help: 'With flow.retryBudget: attempts in place that could be made now. At 0 they wait.',
    unit: '{attempt}',
  },
  breakers: {
    help: 'With flow.breaker: 1 for the state that the circuit is in.',
    unit: '{breaker}',
  },
  contactAge: {
    help: 'How long ago a broker last answered; of several consumers, the longest.',
    unit: 's',
    isGreatest: true,
  },
  waitingKeys: {
    help: 'With retry.keepKeyOrder: keys that wait in tiers.',
    unit: '{key}',
  },
  followers: {
    help: 'With retry.keepKeyOrder: records that wait behind the first one of their key.',
    unit: '{record}',
  },
} as const satisfies Record<string, GaugeFacts>;

export type GaugeKey = keyof typeof GAUGES;
