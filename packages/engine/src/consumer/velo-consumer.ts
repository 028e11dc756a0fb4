import type { ConsumerEvent, Listener } from '../observing/events.js';
import type { ConsumerHealth } from '../observing/health.js';
import type { ConsumerRequirements, RequirementsOptions } from '../topology/requirements.js';
import type { StopOptions } from './stop-limits.js';

export interface VeloConsumer extends AsyncDisposable {
  /**
   * Waits for topics, joins the group, and resolves when the member's partitions have their start positions, or when it is
   * stopped after the first of them has begun. Aborting the signal stops the consumer, now or later.
   *
   * @throws {VeloError} if it could not join: the message says why and what to do
   */
  start(options?: { readonly signal?: AbortSignal | undefined }): Promise<void>;
  /**
   * No new records; running handlers may finish, until their signals are aborted; offsets are committed; the group is left; no timer and
   * no socket remains. Never rejects; twice is fine, and the first call's limits count. A handler must not await it, since it waits for that handler.
   *
   * @throws {VeloError} `VELO_INVALID_OPTION`, at once
   */
  stop(options?: StopOptions): Promise<void>;
  /**
   * Nothing more of these sources starts, nor of their tiers, until `resume`: handlers that run may finish, their offsets are committed,
   * and the member stays in its group. At any time, before the start too; it holds over rebalances and restarts of the client.
   *
   * @param topics sources of this consumer; all of them where none are named
   * @throws {VeloError} `VELO_INVALID_OPTION` for another topic, naming those that are read
   */
  pause(topics?: readonly string[]): void;
  /**
   * Ends a `pause`, and what the guard holds (`flow.guard`): what was held is tried again, and the guard counts anew.
   *
   * @param topics as `pause` takes them
   * @throws {VeloError} `VELO_INVALID_OPTION` for another topic, naming those that are read
   */
  resume(topics?: readonly string[]): void;
  /** What will happen to a record that fails, for people. */
  explain(): string;
  /**
   * What an administrator must make for a consumer that may not create topics: topics, with partitions, replication and
   * configurations after their sources, and ACLs; as data, and as commands. Asks the brokers; what they do not tell is
   * left open. Never rejects. Before the start too.
   *
   * @throws {VeloError} `VELO_INVALID_OPTION` for an unknown option, at once
   */
  requirements(options?: RequirementsOptions): Promise<ConsumerRequirements>;
  health(): ConsumerHealth;
  /**
   * @returns a function that takes the listener away again
   * @throws {VeloError} `VELO_INVALID_OPTION` for an event that there is not, naming the nearest
   */
  on<E extends ConsumerEvent>(event: E, listener: Listener<E>): () => void;
}
