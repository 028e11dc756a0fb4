import type { Clock } from '@velo/retry-core';
import { foreignMessage, formatDuration, VeloError } from '@velo/retry-core';
import type { Contact, OverdueAnswer } from '../binding/binding.js';
import { within } from '../binding/deadline.js';

export interface ContactWatchOptions {
  /** Of the present member; undefined while there is none. */
  readonly contact: () => Contact | undefined;
  /** Asks all brokers that the member needs, over connections that are not the member's. */
  readonly ask: () => Promise<unknown>;
  /** Told when a broker's answer is overdue for too long, and with undefined when that is over. */
  readonly onChange: (silence: Silence | undefined) => void;
  /** Told when the brokers answer other connections and not the member's: a new member is needed. */
  readonly onLost: (error: VeloError) => void;
  readonly clock: Clock;
}

/** A broker that does not answer. */
export interface Silence {
  /** In words: `broker kafka-1:9092`. */
  readonly from: string;
  /** For how long its answer is overdue, ms. */
  readonly time: number;
  /** What failed last between it and the member, if that is known. */
  readonly error: unknown;
}

/** Between two looks, ms. */
const LOOK_EVERY = 1_000;
/** ms. A broker that is busy, or collects garbage, may take some seconds. */
const SILENT_AFTER = 5_000;
/** ms. Beyond the session's timeout the group has given the partitions away; clients wait for 30 to 60 s. */
const LOST_AFTER = 10_000;
/** For the cluster's answer, ms. */
const ASK_LIMIT = 5_000;

/**
 * Looks whether brokers answer the member. One that does not is told within seconds. If the same brokers answer another
 * connection meanwhile, the member's own one is at fault, and the client may take minutes to see that, or never does:
 * then the member is given up for a new one. While the brokers answer nobody, or one refuses each connection, a new one
 * would not be better off.
 */
export class ContactWatch {
  readonly #options: ContactWatchOptions;
  #silence: Silence | undefined;
  #cancel = () => {};
  #asking = false;
  #closed = false;

  constructor(options: ContactWatchOptions) {
    this.#options = options;
  }

  get silence(): Silence | undefined {
    return this.#silence;
  }

  start(): void {
    this.#cancel = this.#options.clock.schedule(LOOK_EVERY, () => {
      this.#look();
      if (!this.#closed) this.start();
    });
  }

  close(): void {
    this.#closed = true;
    this.#cancel();
  }

  #look(): void {
    const overdue = this.#options.contact()?.overdue ?? [];
    const silence = longest(overdue, SILENT_AFTER);
    const changed = (silence === undefined) !== (this.#silence === undefined);
    this.#silence = silence;
    if (changed) this.#options.onChange(silence);
    if (this.#lost !== undefined && !this.#asking) void this.#ask();
  }

  /** An overdue answer that a new member's connection may get: of a broker that does not refuse everybody. */
  get #lost(): OverdueAnswer | undefined {
    const overdue = this.#options.contact()?.overdue ?? [];
    return longest(
      overdue.filter(({ refused }) => !refused),
      LOST_AFTER,
    );
  }

  async #ask(): Promise<void> {
    const { ask, onLost, clock } = this.#options;
    this.#asking = true;
    const answered = await within(
      ASK_LIMIT,
      ask().then(() => 'answered' as const),
      clock,
    );
    this.#asking = false;
    const lost = this.#lost;
    if (this.#closed || answered !== 'answered' || lost === undefined) return;
    onLost(
      new VeloError(
        'VELO_CLIENT',
        `This member has not been answered by ${lost.from} for ${formatDuration(Math.round(lost.time))}, though the brokers answer other connections. Nothing is lost: a new member takes its place. If it happens again, look at what stands between this process and that broker (a proxy, a firewall), and at the broker's log.`,
      ),
    );
  }
}

/** @param atLeast ms */
function longest(overdue: readonly OverdueAnswer[], atLeast: number): OverdueAnswer | undefined {
  return overdue
    .filter(({ time }) => time >= atLeast)
    .reduce<OverdueAnswer | undefined>((a, b) => (a === undefined || b.time > a.time ? b : a), undefined);
}

/** For people: what happened, what it means, what to do. */
export function explainSilence(groupId: string, { from, time, error }: Silence): string {
  const why = error === undefined ? '' : ` (${foreignMessage(error)})`;
  return `A member of group "${groupId}" is not answered by ${from}${why}: that is overdue for ${formatDuration(Math.round(time))}. Records of its partitions wait, none is lost; velo goes on by itself when brokers answer. Look whether the broker runs and can be reached from here.`;
}
