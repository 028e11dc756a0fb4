import type { BrokerKill, Outage } from '../faults/timeline.js';
import type { ProcessHistory } from '../history/entry.js';
import type { HandOffMode } from '../member/settings.js';
import type { OffsetsReset, TopicRemade } from './interventions.js';
import type { StoredRecord } from './stored-record.js';

/** All that the verdict rests on. */
export interface Evidence {
  readonly seed: number;
  readonly handOff: HandOffMode;
  /** librdkafka numbers a producer's records anew when some have run out of time: see `isRenumbered`. */
  readonly renumbers: boolean;
  /** Members of two versions were in the group. */
  readonly mixed: boolean;
  /** Nobody but brokers was harmed. */
  readonly onlyBrokers: boolean;
  /** Of the members. */
  readonly histories: readonly ProcessHistory[];
  /** Of the process that produces. */
  readonly producer: ProcessHistory;
  /** What the sources hold. */
  readonly sources: readonly StoredRecord[];
  /** What the tiers and the dead-letter topics hold. */
  readonly copies: readonly StoredRecord[];
  readonly resets: readonly OffsetsReset[];
  readonly remade: readonly TopicRemade[];
  readonly brokerKills: readonly BrokerKill[];
  /** Consumers have a circuit breaker where there are some. */
  readonly outages: readonly Outage[];
  /** Handlers of a partition at once. */
  readonly concurrency: number;
  /** Later records of a key follow one that waits in a tier. */
  readonly keepKeyOrder: boolean;
}
