import type { AttemptTimes } from '../attempts/record-attempts.js';
import type { KafkaRecord } from '../binding/record.js';
import type { LaneSlots } from './slots.js';
import type { StrandedLane } from './stranded-lane.js';

/** Whoever runs handlers one after the other, and has a slot while one runs. */
export class SlotHolder implements AttemptTimes {
  readonly #lane: StrandedLane;
  readonly #slots: LaneSlots;
  #hasSlot = false;
  #hasBegun = false;

  constructor(lane: StrandedLane, slots: LaneSlots) {
    this.#lane = lane;
    this.#slots = slots;
  }

  /** It has had a slot. */
  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /** Takes a slot, if one is free and the record may begin. */
  take(record: KafkaRecord): boolean {
    const { isOpen, flow } = this.#lane;
    if (!isOpen || !this.#isWanted(record) || !flow.mayStart(record) || !this.#slots.take()) return false;
    this.#has();
    return flow.start(record);
  }

  /** Whoever waits has no slot; it has one again when this resolves with true. */
  async wait(ms: number, record: KafkaRecord): Promise<boolean> {
    this.end();
    if (!(await this.#lane.ready(ms, record))) return false;
    while (await this.#slots.turn()) {
      this.#has();
      if (this.#lane.isOpen && !this.#isWanted(record)) return false;
      if (this.#lane.isOpen && this.#lane.flow.start(record)) return true;
      this.end();
      if (!(await this.#lane.ready(0, record))) return false;
    }
    return false;
  }

  /** Gives the slot back, if it has one. */
  end(): void {
    if (!this.#hasSlot) return;
    this.#hasSlot = false;
    this.#slots.give();
  }

  #has(): void {
    this.#hasSlot = true;
    this.#hasBegun = true;
  }

  /** No other member has committed it. */
  #isWanted({ offset }: KafkaRecord): boolean {
    return this.#lane.awaits(Number(offset));
  }
}
