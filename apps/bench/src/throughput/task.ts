/** Kafka clients that velo binds. */
export const CLIENT_NAMES = ['kafkajs', 'rdkafka', 'confluent', 'platformatic'] as const;
export type ClientName = (typeof CLIENT_NAMES)[number];

/** What handlers do: nothing, with a promise or without one. */
export const HANDLERS = ['async', 'sync'] as const;
export type HandlerKind = (typeof HANDLERS)[number];

/** Which records fail: none; or each tenth once, retried in place, or through a tier. */
export type Failing = 'none' | 'in-place' | 'tier';

/** What a consuming process is to do. */
export interface ConsumeTask {
  readonly client: ClientName;
  /** The client alone, or velo over it. */
  readonly contender: 'bare' | 'velo';
  readonly handler: HandlerKind;
  readonly failing: Failing;
  readonly brokers: readonly string[];
  readonly topic: string;
  readonly groupId: string;
  /** In the topic; the clock starts after the first `warmUp` of them. */
  readonly records: number;
  readonly warmUp: number;
  /** Handlers of a partition at once. @default 1 */
  readonly concurrency?: number;
  /** Records that are handled together. @default one by one */
  readonly batch?: number;
  /** How long a handler waits, as for a service, ms. @default 0 */
  readonly work?: number;
}

/** Records by the clock on the wall, and by the processor time of the consuming process, which a busy machine spoils less. */
export interface ConsumeResult {
  readonly perSecond: number;
  readonly perCpuSecond: number;
}
