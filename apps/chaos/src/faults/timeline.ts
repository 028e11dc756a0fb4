import type { OffsetsReset, TopicRemade } from '../check/interventions.js';
import { timeOfDay } from '../time-of-day.js';

/** What was done to the cluster or its members, as people are told it. */
export interface TimelineEvent {
  /** ms since 1970 */
  readonly at: number;
  readonly text: string;
}

/** A broker that was killed. */
export interface BrokerKill {
  readonly node: number;
  readonly wasCoordinator: boolean;
  /** ms since 1970 */
  readonly at: number;
  /** When all partitions with replicas had leaders again and the coordinator answered, ms since 1970. */
  readonly failedOver: number;
  /** When all replicas were in sync again, ms since 1970. */
  readonly whole: number;
  /** Member faults beside it. */
  readonly memberFaults: number;
  /** It was down for long, so that the partitions without replicas are missed. */
  readonly offline: boolean;
}

/** The service that handlers call was away, ms since 1970. */
export interface Outage {
  readonly from: number;
  readonly to: number;
}

export class Timeline {
  readonly events: TimelineEvent[] = [];
  readonly brokerKills: BrokerKill[] = [];
  readonly outages: Outage[] = [];
  readonly resets: OffsetsReset[] = [];
  readonly remade: TopicRemade[] = [];
  readonly #tell: (text: string) => void;

  /** @param tell called with each event's text, as it happens */
  constructor(tell: (text: string) => void) {
    this.#tell = tell;
  }

  add(text: string): number {
    const at = timeOfDay();
    this.events.push({ at, text });
    this.#tell(text);
    return at;
  }
}
