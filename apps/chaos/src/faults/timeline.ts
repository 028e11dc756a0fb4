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
  /** When all partitions had leaders again and the coordinator answered, ms since 1970. */
  readonly failedOver: number;
  /** When all replicas were in sync again, ms since 1970. */
  readonly whole: number;
  /** Member faults beside it. */
  readonly memberFaults: number;
}

export class Timeline {
  readonly events: TimelineEvent[] = [];
  readonly brokerKills: BrokerKill[] = [];
  readonly #tell: (text: string) => void;

  /** @param tell called with each event's text, as it happens */
  constructor(tell: (text: string) => void) {
    this.#tell = tell;
  }

  add(text: string): number {
    const at = Date.now();
    this.events.push({ at, text });
    this.#tell(text);
    return at;
  }
}
