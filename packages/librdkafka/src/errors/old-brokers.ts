import type { LogLine } from './log-line.js';

/** `[thrd:host:9092/1]: host:9092/1: Disabling feature MsgVer2`, of the connection that the thread is named after. */
const FEATURE = /^\[thrd:([^\]]*)\]: .*\b(Enabling|Disabling) feature MsgVer2$/s;

/**
 * The brokers of before Kafka 0.11, whose records have no headers: a producer that is not idempotent writes to them without,
 * and tells it only in its log, under `debug: feature`.
 */
export class OldBrokers {
  readonly #names = new Set<string>();

  get any(): boolean {
    return this.#names.size > 0;
  }

  /** For each line of the log. */
  read({ fac, message }: LogLine): void {
    const [, broker = '', change] = (fac === 'APIVERSION' && FEATURE.exec(message)) || [];
    if (change === 'Disabling') this.#names.add(broker);
    else if (change === 'Enabling') this.#names.delete(broker);
  }
}
