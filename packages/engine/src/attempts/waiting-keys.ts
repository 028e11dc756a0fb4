import { keyText } from '../binding/key-text.js';
import type { KafkaRecord } from '../binding/record.js';
import { sourceOffsetOf } from '../headers/retry-state.js';
import type { Tier } from '../plan/plan-topic.js';

/** What is known of one tier. */
class TierKeys {
  /** How many records of each key are there, or on their way: those that have not finished. */
  readonly counts = new Map<string, number>();
  /** Copies on their way, by the offset of the record at its source. They have been counted, and are not again when they come. */
  readonly sent = new Map<string, string>();

  add(key: string): void {
    this.counts.set(key, (this.counts.get(key) ?? 0) + 1);
  }

  remove(key: string): void {
    const left = (this.counts.get(key) ?? 0) - 1;
    if (left > 0) this.counts.set(key, left);
    else this.counts.delete(key);
  }

  forget(): void {
    this.counts.clear();
    for (const key of this.sent.values()) this.add(key);
  }
}

/**
 * With `retry.keepKeyOrder`: which keys of one partition of a source wait in its tiers. A record of such a key is not tried:
 * it joins the records of its key, behind them. Records without a key are in no order.
 *
 * A key costs memory while it waits, and so does a copy until it has been fetched from its tier: about 100 bytes beside the
 * key itself.
 */
export class WaitingKeys {
  /** In the order in which records go through them. */
  readonly #tiers: readonly Tier[];
  readonly #keys: ReadonlyMap<string, TierKeys>;

  constructor(tiers: readonly Tier[]) {
    this.#tiers = tiers;
    this.#keys = new Map(tiers.map(({ topic }) => [topic, new TierKeys()]));
  }

  /**
   * The tier that a record joins; `undefined`: it may be tried. Of the tiers after its own topic, the first in which its
   * key waits: what waits there came before it, and what comes after it will find it there.
   */
  ahead({ topic, key }: KafkaRecord): Tier | undefined {
    if (key === null) return undefined;
    const text = keyText(key);
    for (let i = this.#tiers.length - 1, found: Tier | undefined; ; i--) {
      const tier = this.#tiers[i];
      if (tier === undefined || tier.topic === topic) return found;
      if (this.#of(tier.topic).counts.has(text)) found = tier;
    }
  }

  /** A copy is about to be sent there. @param offset of the record at its source */
  sent(topic: string, { key }: KafkaRecord, offset: string): void {
    if (key === null) return;
    const tier = this.#of(topic);
    if (tier.sent.has(offset)) return;
    const text = keyText(key);
    tier.sent.set(offset, text);
    tier.add(text);
  }

  /** That copy will never be there. */
  unsent(topic: string, { key }: KafkaRecord, offset: string): void {
    const tier = this.#of(topic);
    if (key !== null && tier.sent.delete(offset)) tier.remove(keyText(key));
  }

  /** A record was fetched from a tier, for the first time since `forget`. */
  came(record: KafkaRecord): void {
    const { topic, key } = record;
    if (key === null) return;
    const tier = this.#of(topic);
    const offset = sourceOffsetOf(record);
    const text = keyText(key);
    if (tier.sent.get(offset) === text) tier.sent.delete(offset);
    else tier.add(text);
  }

  /** A tier's record that has come has succeeded, or its copy is where it belongs. */
  finished({ topic, key }: KafkaRecord): void {
    if (key !== null) this.#keys.get(topic)?.remove(keyText(key));
  }

  /** All but what is on its way comes again. */
  forget(topic: string): void {
    this.#of(topic).forget();
  }

  /** How many records of a key wait, in all tiers. */
  count(key: Buffer | null): number {
    if (key === null) return 0;
    const text = keyText(key);
    return [...this.#keys.values()].reduce((sum, { counts }) => sum + (counts.get(text) ?? 0), 0);
  }

  /** How many keys wait, and records of them. */
  get size(): { readonly keys: number; readonly records: number } {
    const keys = new Set<string>();
    let records = 0;
    for (const { counts } of this.#keys.values()) {
      for (const [key, count] of counts) {
        keys.add(key);
        records += count;
      }
    }
    return { keys: keys.size, records };
  }

  #of(topic: string): TierKeys {
    return this.#keys.get(topic) as TierKeys;
  }
}
