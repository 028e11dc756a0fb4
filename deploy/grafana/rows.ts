/** What the dashboard shows, from the top down. `$group` and `$topic` are its variables; all names are those of `METRICS`. */
export interface Row {
  readonly title: string;
  readonly panels: readonly PanelSpec[];
}

export interface PanelSpec {
  readonly title: string;
  /** What a reader should make of it. */
  readonly description: string;
  readonly kind: 'stat' | 'timeseries';
  /** Grafana's name of the unit. */
  readonly unit: string;
  /** Of the 24 columns. */
  readonly span: number;
  readonly queries: readonly QuerySpec[];
  /** From this value on it is shown in red. */
  readonly redFrom?: number;
  /** Below this value it is shown in red. */
  readonly redBelow?: number;
}

export interface QuerySpec {
  readonly expr: string;
  readonly legend: string;
}

const GROUP = 'group=~"$group"';
const TOPIC = `${GROUP}, topic=~"$topic"`;
const RATE = '[$__rate_interval]';

const q = (expr: string, legend: string): QuerySpec => ({ expr, legend });

/** `histogram_quantile` of a histogram, for each of `by`. */
const quantile = (share: number, name: string, by: string) =>
  `histogram_quantile(${share}, sum by (le, ${by}) (rate(velo_${name}_bucket{${TOPIC}}${RATE})))`;

export const ROWS: readonly Row[] = [
  {
    title: 'At a glance',
    panels: [
      {
        title: 'Consumers that do not work',
        description: 'Dead, stalled, disconnected, or without their partitions. The log of the pod says why.',
        kind: 'stat',
        unit: 'short',
        span: 6,
        redFrom: 1,
        queries: [
          q(
            `sum(velo_consumers{${GROUP}, state=~"dead|stalled|disconnected|unread"}) or vector(0)`,
            'consumers',
          ),
        ],
      },
      {
        title: 'First attempts that succeed',
        description: 'Retries hide what fails at first: this share falls before anything is dead-lettered.',
        kind: 'stat',
        unit: 'percentunit',
        span: 6,
        redBelow: 0.95,
        queries: [
          q(
            `sum(rate(velo_attempts_total{${TOPIC}, first="true", outcome="success"}${RATE})) / sum(rate(velo_attempts_total{${TOPIC}, first="true"}${RATE}))`,
            'share',
          ),
        ],
      },
      {
        title: 'Lag',
        description:
          'Records of the sources that are not handled yet: not fetched, or buffered. Ends of transactions do not count.',
        kind: 'stat',
        unit: 'short',
        span: 6,
        queries: [q(`sum(velo_lag_records{${TOPIC}, tier="0"})`, 'records')],
      },
      {
        title: 'Dead letters',
        description: 'Records that were dead-lettered in the time that is shown.',
        kind: 'stat',
        unit: 'short',
        span: 6,
        redFrom: 1,
        queries: [q(`sum(increase(velo_dead_letters_total{${TOPIC}}[$__range])) or vector(0)`, 'records')],
      },
    ],
  },
  {
    title: 'Records',
    panels: [
      {
        title: 'Records by how they ended',
        description:
          'Handled or given up, with or without a retry. Failed without a retry: errors that no retry can mend.',
        kind: 'timeseries',
        unit: 'ops',
        span: 12,
        queries: [q(`sum by (kind) (rate(velo_records_total{${TOPIC}}${RATE}))`, '{{kind}}')],
      },
      {
        title: 'Attempts that fail',
        description: 'Runs of handlers that failed, by category, and those that ran into handlerTimeout.',
        kind: 'timeseries',
        unit: 'ops',
        span: 12,
        queries: [
          q(
            `sum by (topic, category) (rate(velo_attempts_total{${TOPIC}, outcome="failure"}${RATE}))`,
            '{{topic}} {{category}}',
          ),
          q(
            `sum by (topic) (rate(velo_attempts_total{${TOPIC}, outcome="timeout"}${RATE}))`,
            '{{topic}} timed out',
          ),
        ],
      },
      {
        title: 'Where failed records go',
        description: 'To tiers, to the dead letters, or skipped as configured.',
        kind: 'timeseries',
        unit: 'ops',
        span: 12,
        queries: [
          q(
            `sum by (topic, tier) (rate(velo_hand_offs_total{${TOPIC}}${RATE}))`,
            '{{topic}} to tier {{tier}}',
          ),
          q(
            `sum by (topic, reason) (rate(velo_dead_letters_total{${TOPIC}}${RATE}))`,
            '{{topic}} dead: {{reason}}',
          ),
          q(
            `sum by (topic, reason) (rate(velo_skipped_records_total{${TOPIC}}${RATE}))`,
            '{{topic}} skipped: {{reason}}',
          ),
        ],
      },
      {
        title: 'Open dead letters',
        description: 'Neither replayed nor discarded. Only with watchDeadLetters().',
        kind: 'timeseries',
        unit: 'short',
        span: 12,
        queries: [q(`max by (target) (velo_open_dead_letters{${GROUP}})`, '{{target}}')],
      },
    ],
  },
  {
    title: 'Lag and time',
    panels: [
      {
        title: 'Lag of sources',
        description: 'It is higher than shown while a leader does not tell where its partitions end.',
        kind: 'timeseries',
        unit: 'short',
        span: 12,
        queries: [q(`sum by (group, topic) (velo_lag_records{${TOPIC}, tier="0"})`, '{{group}} {{topic}}')],
      },
      {
        title: 'Lag of tiers',
        description: 'Records that wait for their next attempts, due or not.',
        kind: 'timeseries',
        unit: 'short',
        span: 12,
        queries: [
          q(`sum by (topic, tier) (velo_lag_records{${TOPIC}, tier!="0"})`, '{{topic}} tier {{tier}}'),
        ],
      },
      {
        title: 'Handlers',
        description: 'How long one run takes; of a batch, all its records together.',
        kind: 'timeseries',
        unit: 's',
        span: 12,
        queries: [
          q(quantile(0.5, 'handler_duration_seconds', 'topic'), '{{topic}} median'),
          q(quantile(0.99, 'handler_duration_seconds', 'topic'), '{{topic}} 99 %'),
        ],
      },
      {
        title: 'The handler that runs longest',
        description: 'One that grows without end never comes back: find what it waits for.',
        kind: 'timeseries',
        unit: 's',
        span: 12,
        queries: [
          q(`max by (group, topic) (velo_oldest_handler_age_seconds{${TOPIC}})`, '{{group}} {{topic}}'),
        ],
      },
      {
        title: 'Tiers that are late',
        description: 'How long after it was due a record of a tier starts, 99 %.',
        kind: 'timeseries',
        unit: 's',
        span: 12,
        queries: [q(quantile(0.99, 'tier_lateness_seconds', 'topic, tier'), '{{topic}} tier {{tier}}')],
      },
      {
        title: 'Waits before retries',
        description: 'How long failed records are to wait, in place and in tiers, on average.',
        kind: 'timeseries',
        unit: 's',
        span: 12,
        queries: [
          q(
            `sum by (topic, place) (rate(velo_retry_wait_seconds_sum{${TOPIC}}${RATE})) / sum by (topic, place) (rate(velo_retry_wait_seconds_count{${TOPIC}}${RATE}))`,
            '{{topic}} {{place}}',
          ),
        ],
      },
    ],
  },
  {
    title: 'Flow',
    panels: [
      {
        title: 'Sources that are held',
        description: 'Nothing of them starts: user, guard, breaker, or their rate.',
        kind: 'timeseries',
        unit: 'short',
        span: 8,
        queries: [
          q(
            `max by (group, topic, reason) (velo_held_sources{${TOPIC}}) > 0`,
            '{{group}} {{topic}}: {{reason}}',
          ),
        ],
      },
      {
        title: 'Circuits that are not closed',
        description: 'With flow.breaker: open, or half open for a trial.',
        kind: 'timeseries',
        unit: 'short',
        span: 8,
        queries: [
          q(
            `sum by (group, topic, state) (velo_circuit_breakers{${TOPIC}, state!="closed"}) > 0`,
            '{{group}} {{topic}}: {{state}}',
          ),
        ],
      },
      {
        title: 'Retry budget',
        description: 'With flow.retryBudget: attempts in place that could be made now. At 0 they wait.',
        kind: 'timeseries',
        unit: 'short',
        span: 8,
        queries: [q(`min by (group, topic) (velo_retry_budget_tokens{${TOPIC}})`, '{{group}} {{topic}}')],
      },
    ],
  },
  {
    title: 'Inside',
    panels: [
      {
        title: 'Consumers by state',
        description: 'As health() tells, over all processes.',
        kind: 'timeseries',
        unit: 'short',
        span: 8,
        queries: [q(`sum by (group, state) (velo_consumers{${GROUP}}) > 0`, '{{group}} {{state}}')],
      },
      {
        title: 'Buffered',
        description: 'What fetched records keep in memory, by process.',
        kind: 'timeseries',
        unit: 'bytes',
        span: 8,
        queries: [q(`sum by (instance) (velo_buffered_bytes{${TOPIC}})`, '{{instance}}')],
      },
      {
        title: 'Running handlers',
        description: 'At the concurrency that is configured, more records wait than are handled.',
        kind: 'timeseries',
        unit: 'short',
        span: 8,
        queries: [q(`sum by (group, topic) (velo_running_handlers{${TOPIC}})`, '{{group}} {{topic}}')],
      },
      {
        title: 'What fails towards the brokers',
        description: 'Tried again each time, and nothing is lost; while it goes on, offsets stand still.',
        kind: 'timeseries',
        unit: 'ops',
        span: 12,
        queries: [
          q(
            `sum by (target, category) (rate(velo_publish_failures_total{${GROUP}}${RATE}))`,
            'copies to {{target}}: {{category}}',
          ),
          q(
            `sum by (group, category) (rate(velo_commit_failures_total{${GROUP}}${RATE}))`,
            'commits of {{group}}: {{category}}',
          ),
          q(
            `sum by (group, category) (rate(velo_position_failures_total{${GROUP}}${RATE}))`,
            'positions of {{group}}: {{category}}',
          ),
        ],
      },
      {
        title: 'Members come and go',
        description: 'Assignments, crashes of client consumers, brokers that did not answer.',
        kind: 'timeseries',
        unit: 'short',
        span: 12,
        queries: [
          q(`sum by (group) (increase(velo_rebalances_total{${GROUP}}${RATE}))`, '{{group}} assignments'),
          q(`sum by (group) (increase(velo_crashes_total{${GROUP}}${RATE}))`, '{{group}} crashes'),
          q(
            `sum by (group) (increase(velo_disconnections_total{${GROUP}}${RATE}))`,
            '{{group}} disconnections',
          ),
        ],
      },
    ],
  },
];
