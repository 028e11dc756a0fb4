import type { KafkaRecord } from '../binding/record.js';
import type { HandlerContext } from '../plan/config.js';

/** A context whose signal is made at the first look: an AbortController costs more than all else of an attempt. */
export class AttemptContext implements HandlerContext {
  readonly record: KafkaRecord;
  readonly attempt: number;
  readonly tier: number;
  readonly totalAttempts: number;
  #controller: AbortController | undefined;
  #reason: unknown;

  constructor(record: KafkaRecord, attempt: number, tier: number, totalAttempts: number) {
    this.record = record;
    this.attempt = attempt;
    this.tier = tier;
    this.totalAttempts = totalAttempts;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#reason !== undefined) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  abort(reason: Error): void {
    this.#reason ??= reason;
    this.#controller?.abort(this.#reason);
  }
}
