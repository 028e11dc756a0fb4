import type { EndSignal } from '@velo/engine';
import type { ClusterAddress } from '../adapter.js';

/** What a child process is told to do, as JSON in its argument. */
export interface ChildInput {
  /** URL of the module that exports `createVelo`. */
  readonly module: string;
  readonly address: ClusterAddress;
  readonly task: ChildTask;
}

export interface ChildConsumer {
  readonly topic: string;
  readonly groupId: string;
  readonly startFrom: 'earliest' | 'latest';
  readonly tiers?: readonly number[];
  readonly handOff?: 'transactional';
  /** As `ConsumerConfig.concurrency`. @default 1 */
  readonly concurrency?: number;
  /** Bytes. @default velo's */
  readonly buffer?: { readonly totalBytes: number };
  /** As `ConsumerConfig.client`. */
  readonly client: object;
}

export type ChildTask =
  /**
   * Consumes until it is killed. Values with `bad` fail for good, those with `flaky` in the source topic; `stuck` never ends, `heeds` fails
   * when its signal is aborted.
   */
  | {
      readonly kind: 'consume';
      readonly consumer: ChildConsumer;
      /** Of each handler, ms; `never`: it does not end. */
      readonly handlerTime: number | 'never';
      /** Signals that it closes on, as `velo.closeOn` takes them. @default none */
      readonly closeOn?: {
        readonly signals: readonly EndSignal[];
        /** ms */
        readonly timeout?: number;
        /** ms */
        readonly abortAfter?: number;
      };
    }
  /** Stops consumers at odd moments after their start, closes velo, and is to end by itself. */
  | { readonly kind: 'stop'; readonly consumer: ChildConsumer /** ms */; readonly after: readonly number[] }
  /** Waits until nothing more is fetched, and tells its resident memory. */
  | { readonly kind: 'measure'; readonly consumer: ChildConsumer }
  /** Consumes, those with `flaky` fail in the source topic, and weighs what it keeps until so many were handled. */
  | {
      readonly kind: 'weigh';
      readonly consumer: ChildConsumer;
      /** No handler ends before a partition is paused, or 15 s have passed. */
      readonly untilPaused: boolean;
      /** No handler ends before one has begun in so many partitions. */
      readonly together: number;
      readonly handled: number;
    }
  /** Replays the dead letters of a group. */
  | {
      readonly kind: 'replay';
      readonly config: {
        readonly groupId: string;
        readonly topics: readonly string[];
        readonly handOff: 'at-least-once' | 'transactional';
        readonly client: object;
      };
      readonly perSecond: number;
    };

/** What a child process tells, a JSON text in each line of its output. */
export type ChildEvent =
  | { readonly type: 'started' }
  | { readonly type: 'attempt'; readonly topic: string; readonly text: string | null }
  | { readonly type: 'aborted'; readonly text: string | null }
  | { readonly type: 'handled'; readonly topic: string; readonly text: string | null }
  | { readonly type: 'closed' /** ms since 1970 */; readonly at: number }
  | { readonly type: 'exiting' /** ms since 1970 */; readonly at: number }
  | { readonly type: 'replaying'; readonly replayed: number }
  | { readonly type: 'replayed'; readonly replayed: number }
  | { readonly type: 'memory' /** bytes */; readonly resident: number; readonly queued: number }
  | {
      readonly type: 'weighed';
      /** The most that was kept at once, beyond what there was before the start: heap and buffers, in bytes. */
      readonly kept: number;
      /** The same of the whole process, collected garbage and the client's own memory included. */
      readonly resident: number;
      /** Whether a partition was paused. */
      readonly paused: boolean;
    };
