import { exponential } from '@velo/retry-core';
import { WaitingKeys } from '../attempts/waiting-keys.js';
import type { ClientBinding, GroupMember } from '../binding/binding.js';
import { within } from '../binding/deadline.js';
import { partitionOf, type TopicPartition } from '../binding/record.js';
import type { StartPosition } from '../offsets/start-position.js';
import type { Route } from '../plan/plan-topic.js';
import type { Assignment } from './assignment.js';
import type { Lane } from './lane.js';
import type { LaneHost } from './lane-host.js';

const BACKOFF = /* @__PURE__ */ exponential({ initial: 100, multiplier: 2, max: 5_000 });

export interface KeyFamilyOptions {
  readonly client: Pick<ClientBinding, 'offsets'>;
  readonly host: Pick<LaneHost, 'clock'>;
  readonly member: () => GroupMember | undefined;
  /** The client must be told where to go on, before the lane opens. */
  readonly mustSeek: (lane: Lane) => void;
  /** The end of a tier could not be found out; it is asked for again after `delay` ms. False: that is hopeless. */
  readonly onScanFailed: (partitions: readonly TopicPartition[], error: unknown, delay: number) => boolean;
}

/** A lane that is about to open, and where it begins. */
interface Entry {
  readonly lane: Lane;
  readonly start: StartPosition;
  readonly doubts: number;
  readonly assignment: Assignment;
  /** What waits in it is known. */
  isKnown: boolean;
}

/**
 * With `retry.keepKeyOrder`: the partitions of one number of a source and of its tiers. Nothing of them is handled before it
 * is known which keys wait in the tiers. That is read there, from what the group has committed to the end, when the
 * partitions come to this member, and again where another member has got further meanwhile.
 */
export class KeyFamily {
  readonly keys: WaitingKeys;
  readonly #topics: readonly string[];
  readonly #options: KeyFamilyOptions;
  /** Which keys wait is known since an earlier assignment. */
  #isKnown = false;
  #isWhole = false;
  /** Of this assignment. */
  #entries = new Map<string, Entry>();
  #isDecided = false;
  #open = () => {};
  #opened: Promise<void> = Promise.resolve();

  /** @param routes the source's, then those of its tiers, in the order in which records go through them */
  constructor(routes: readonly Route[], options: KeyFamilyOptions) {
    this.#topics = routes.map(({ topic }) => topic);
    this.#options = options;
    this.keys = new WaitingKeys(
      routes.slice(1).map(({ topic, tier, wait }) => ({ topic, tierNumber: tier, wait })),
    );
  }

  /** @param isWhole the member has all of its partitions from now on: else nobody could keep the order of their keys */
  assigned(isWhole: boolean): void {
    this.#isWhole = isWhole;
    if (!isWhole) this.#isKnown = false;
    this.#entries = new Map();
    this.#isDecided = false;
    this.#opened = new Promise((resolve) => {
      this.#open = resolve;
    });
  }

  /** Resolves when the lane may open, that of a replay topic with the others, or its assignment is over. */
  ready(lane: Lane, start: StartPosition, assignment: Assignment): Promise<void> {
    if (!this.#isWhole) return assignment.ended;
    if (!this.#topics.includes(lane.topic)) return Promise.race([this.#opened, assignment.ended]);
    const entry = { lane, start, assignment, doubts: lane.doubts, isKnown: false };
    this.#entries.set(lane.topic, entry);
    if (!this.#isDecided && this.#entries.size === this.#topics.length) this.#decide();
    // One that begins once more in the same assignment.
    else if (this.#isDecided && !(this.#isKnown && lane.opened)) void this.#find(entry);
    return Promise.race([this.#opened, assignment.ended]);
  }

  #decide(): void {
    this.#isDecided = true;
    const entries = [...this.#entries.values()];
    this.#isKnown &&= entries.every(({ lane, start }) => lane.opened && start.offset <= lane.position);
    if (this.#isKnown) this.#open();
    else for (const entry of entries) void this.#find(entry);
  }

  async #find(entry: Entry): Promise<void> {
    const { lane, assignment } = entry;
    if (lane.topic !== this.#topics[0]) await Promise.race([this.#scan(entry), assignment.ended]);
    if (!this.#counts(entry)) return;
    entry.isKnown = true;
    const entries = [...this.#entries.values()];
    if (entries.length < this.#topics.length || !entries.every(({ isKnown }) => isKnown)) return;
    this.#isKnown = true;
    this.#open();
  }

  async #scan(entry: Entry): Promise<void> {
    const { lane, start } = entry;
    const { member, mustSeek } = this.#options;
    this.keys.forget(lane.topic);
    const end = await this.#endOf(entry);
    const from = lane.opened ? Math.max(start.offset, lane.position) : start.offset;
    if (end === undefined || !this.#counts(entry)) return;
    const scanned = lane.scan(end);
    if (from >= end) return;
    mustSeek(lane);
    const { topic, partition } = lane;
    member()?.seek({ topic, partition, offset: from });
    member()?.resume([lane]);
    await scanned;
    if (this.#counts(entry)) member()?.pause([lane]);
  }

  async #endOf(entry: Entry): Promise<number | undefined> {
    const { client, host, onScanFailed } = this.#options;
    const partitions = [partitionOf(entry.lane)];
    for (let failures = 0; this.#counts(entry); failures++) {
      try {
        const [range] = await Promise.all(client.offsets(partitions));
        return range?.latest;
      } catch (error) {
        const delay = BACKOFF.delay(failures);
        if (!this.#counts(entry) || !onScanFailed(partitions, error, delay)) return undefined;
        await within(delay, entry.assignment.ended, host.clock);
      }
    }
    return undefined;
  }

  /** Nothing has come in between. */
  #counts(entry: Entry): boolean {
    const { lane, doubts, assignment } = entry;
    return !assignment.over && lane.doubts === doubts && this.#entries.get(lane.topic) === entry;
  }
}
