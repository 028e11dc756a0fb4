import type { TopicPartition } from '../binding/record.js';
import type { HeldTopic } from './held.js';

/** - `starting`: not started yet, or it waits for topics, or to have its first partitions
 *  - `retrying`: restarting, or copies, commits or start positions fail and are tried again, or partitions are `scattered`
 *  - `paused`: a source is held, by more than its rate, see `held`; or every partition's buffer is full
 *  - `stalled`: a handler runs longer than `stallAfter`
 *  - `disconnected`: a broker has owed the member an answer for 5 s
 *  - `unread`: the group's leader has given partitions to no member that reads them */
export type HealthState =
  | 'starting'
  | 'running'
  | 'retrying'
  | 'paused'
  | 'stalled'
  | 'unread'
  | 'disconnected'
  | 'dead'
  | 'stopped';

export interface PartitionHealth extends TopicPartition {
  /** All records below this offset have finished. */
  readonly position: number;
  /** -1 while unknown. */
  readonly committed: number;
  /** Fetched and waiting for the handler. */
  readonly queued: number;
  readonly paused: boolean;
  /** Handlers that have not ended. */
  readonly handlers: number;
  /** How long the one of them has been running that began first, ms; 0 if there is none. */
  readonly handlerRunning: number;
}

/** What has last failed between the consumer and the brokers; what handlers throw is told by events. */
export interface LastError {
  /** The event that told of it. */
  readonly event: 'crashed' | 'commitFailed' | 'positionFailed' | 'publishFailed' | 'publishRefused' | 'dead';
  /** With its causes, in one line, without what looks like secrets. */
  readonly message: string;
  /** ms since 1970 */
  readonly at: number;
}

export interface ConsumerHealth {
  readonly state: HealthState;
  /**
   * For a liveness probe: false where only a new process helps, which is when the consumer is `dead`. Brokers that are away, or a network that
   * is cut, never make it false: a new process would fare no better, and all members would join anew together.
   */
  readonly live: boolean;
  /**
   * For a readiness probe, which rolling deploys wait for: the consumer has joined its group and begun, and brokers answer it. It is true while a source is
   * held, too, and while copies or commits are tried again.
   */
  readonly ready: boolean;
  /** Undefined before the first one. It stays when all is well again: see `at`. */
  readonly lastError: LastError | undefined;
  /** Why it is dead. */
  readonly error: Error | undefined;
  /** Restarts of the client's consumer, in a row. */
  readonly restarts: number;
  /** Copies on their way to tiers and dead-letter topics. */
  readonly pendingHandOffs: number;
  readonly partitions: readonly PartitionHealth[];
  /** When a broker last answered the member, ms since 1970; undefined before the first answer. */
  readonly lastContact: number | undefined;
  /** Partitions of the group that no member reads, as far as this one knows. */
  readonly unread: readonly TopicPartition[];
  /** Sources of which nothing starts, and why; their tiers are held with them. */
  readonly held: readonly HeldTopic[];
  /** With `retry.keepKeyOrder`: nothing of these is handled, since another member has others of the same number. */
  readonly scattered: readonly TopicPartition[];
  /** With `retry.keepKeyOrder`: how many keys wait in the tiers of this member's partitions. */
  readonly waitingKeys: number;
  /**
   * How many records wait behind the first one of their key. Many followers of few keys: something is wrong with those keys,
   * and what comes for them piles up in the tiers.
   */
  readonly followers: number;
}

/** What health looks at of a partition that the member owns. */
export interface ObservedPartition extends Omit<PartitionHealth, 'handlers' | 'handlerRunning'> {
  /** Since when each handler runs, by the clock that `now` is read from, ms. */
  readonly running: readonly { readonly since: number }[];
}

export type LifeState = 'idle' | 'starting' | 'running' | 'stopping' | 'dead' | 'stopped';

export interface HealthFacts {
  readonly state: LifeState;
  readonly restarting: boolean;
  readonly error: Error | undefined;
  readonly restarts: number;
  readonly lanes: Iterable<ObservedPartition>;
  readonly pendingHandOffs: number;
  readonly failing: boolean;
  readonly unread: readonly TopicPartition[];
  readonly held: readonly HeldTopic[];
  readonly scattered: readonly TopicPartition[];
  readonly waitingKeys: { readonly keys: number; readonly records: number };
  readonly disconnected: boolean;
  readonly lastContact: number | undefined;
  readonly lastError: LastError | undefined;
  readonly stallAfter: number;
  /** Read from the clock that `running` was stamped by, ms. */
  readonly now: number;
}

export function healthOf({
  state,
  restarting,
  error,
  restarts,
  lanes,
  pendingHandOffs,
  failing,
  unread,
  held,
  scattered,
  waitingKeys: { keys, records },
  disconnected,
  lastContact,
  lastError,
  stallAfter,
  now,
}: HealthFacts): ConsumerHealth {
  const partitions = [...lanes].map(({ topic, partition, position, committed, queued, paused, running }) => {
    const handlerRunning = running.reduce((longest, { since }) => Math.max(longest, now - since), 0);
    const handlers = running.length;
    return { topic, partition, position, committed, queued, paused, handlers, handlerRunning };
  });
  const stalled = partitions.some(({ handlerRunning }) => handlerRunning >= stallAfter);
  const full = partitions.length > 0 && partitions.every((partition) => partition.paused);
  const paused = full || held.some(({ reason }) => reason !== 'rate');
  const slow = stalled ? 'stalled' : unread.length > 0 ? 'unread' : paused ? 'paused' : 'running';
  const at = failing || scattered.length > 0 ? 'retrying' : slow;
  const alive = restarting ? 'retrying' : disconnected ? 'disconnected' : at;
  const ended = state === 'dead' || state === 'starting' ? state : state === 'idle' ? 'starting' : 'stopped';
  return {
    state: state === 'running' ? alive : ended,
    live: state !== 'dead',
    ready: state === 'running' && !restarting && !disconnected,
    error,
    lastError,
    restarts,
    pendingHandOffs,
    partitions,
    lastContact,
    unread,
    held,
    scattered,
    waitingKeys: keys,
    followers: records - keys,
  };
}
