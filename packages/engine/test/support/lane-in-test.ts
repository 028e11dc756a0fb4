import { AsyncResource } from 'node:async_hooks';
import { fixed, VeloError } from '@velo/retry-core';
import type { OutgoingRecord } from '../../src/binding/binding.js';
import { noHeaders } from '../../src/binding/lazy-headers.js';
import type { KafkaRecord } from '../../src/binding/record.js';
import type { Failure } from '../../src/failures/failure.js';
import { SourceFlow } from '../../src/flow/source-flow.js';
import { Lane, type LaneStart } from '../../src/lanes/lane.js';
import type { LaneHost } from '../../src/lanes/lane-host.js';
import { SharedBuffer } from '../../src/lanes/shared-buffer.js';
import { SharedSlots } from '../../src/lanes/slots.js';
import { type ConsumerEvent, type ConsumerEvents, Emitter } from '../../src/observing/events.js';
import { METADATA_ROOM } from '../../src/offsets/offset-metadata.js';
import type { ConsumerConfig, FlowPolicy, HandlerContext } from '../../src/plan/config.js';
import { flowOf } from '../../src/plan/flow.js';
import { planConsumer } from '../../src/plan/plan.js';
import type { Route } from '../../src/plan/plan-topic.js';
import { RecordWriter } from '../../src/sending/record-writer.js';
import { CAPABLE } from './capabilities.js';
import { VirtualClock } from './virtual-clock.js';

export const offsetOf = ({ offset }: KafkaRecord) => Number(offset);

export function recordAt(offset: number, given: Partial<KafkaRecord> = {}): KafkaRecord {
  return {
    topic: 'orders',
    partition: 0,
    offset: String(offset),
    timestamp: 1,
    key: null,
    value: null,
    headers: noHeaders,
    ...given,
  };
}

/** Where a lane begins or goes on without more ado. */
export const startAt = (offset: number, metadata = ''): LaneStart => ({
  offset,
  done: offset,
  metadata,
  seek: false,
});

export const recordsFrom = (from: number, count: number) =>
  Array.from({ length: count }, (_, i) => recordAt(from + i));

/** From offset 0 on, with these keys; a space is none. */
export const withKeys = (keys: string) =>
  [...keys].map((key, offset) => recordAt(offset, { key: key === ' ' ? null : Buffer.from(key) }));

/** A handler whose calls the test ends one by one. */
export function gate() {
  const calls: { record: KafkaRecord; context: HandlerContext; pass(): void; fail(error: unknown): void }[] =
    [];
  const handler = (record: KafkaRecord, context: HandlerContext) =>
    new Promise<void>((pass, fail) => {
      calls.push({ record, context, pass: () => pass(), fail });
    });
  return { calls, handler, seen: () => calls.map(({ record }) => offsetOf(record)) };
}

export interface HostSetup {
  readonly bufferRecords?: number | undefined;
  readonly bufferBytes?: number | undefined;
  /** Of all lanes together. */
  readonly totalBytes?: number | undefined;
  /** Handlers at once, in all lanes. @default no limit */
  readonly perConsumer?: number | undefined;
  /** What may hold its lanes' source. */
  readonly flow?: FlowPolicy | undefined;
  /** Answers each copy: an error, or nothing if it is written. @default all are written */
  readonly publish?: ((copy: OutgoingRecord) => Promise<unknown>) | undefined;
}

const EVENTS: readonly ConsumerEvent[] = [
  'offsetOutOfRange',
  'positionReset',
  'revoked',
  'retry',
  'success',
  'late',
  'handOff',
  'deadLetter',
  'skipped',
  'held',
  'released',
  'guarded',
  'publishRefused',
];

/** A host of lanes, and all that they tell it. */
export function hostInTest({
  bufferRecords = 1_000,
  bufferBytes = 1e9,
  totalBytes = 1e9,
  perConsumer = Number.POSITIVE_INFINITY,
  flow: flowPolicy,
  publish = async () => {},
}: HostSetup) {
  const clock = new VirtualClock();
  const told: { event: ConsumerEvent; payload: ConsumerEvents[ConsumerEvent] }[] = [];
  const flow: string[] = [];
  const asked: ('later' | 'soon')[] = [];
  const halted: VeloError[] = [];
  const attempts: (Failure | undefined)[] = [];
  const copies: OutgoingRecord[] = [];
  const events = new Emitter((error) => {
    throw error;
  });
  for (const event of EVENTS) events.on(event, (payload) => told.push({ event, payload }));
  const handOffs = new RecordWriter({
    capabilities: CAPABLE,
    clock,
    strategy: fixed(100),
    onRetry: () => {},
    publish: (records) =>
      Promise.all(
        records.map(async (record) => {
          const error = await publish(record);
          if (error !== undefined) return { written: false, error };
          copies.push(record);
          return { written: true };
        }),
      ),
  });
  /** Of all sources: a test has one. */
  const source = new SourceFlow('orders', flowOf(flowPolicy), {
    clock,
    news: {
      held: (hold) => events.emit('held', { ...hold, explanation: '' }),
      probeFailed: () => {},
      released: (hold) => events.emit('released', { ...hold, time: 0 }),
      guarded: (
        topic,
        { commonest: explanation, ...trip },
        { record, failure: { error, category } },
        then,
      ) => {
        events.emit('guarded', { topic, ...trip, record, error, category, explanation });
        if (then === 'stop') halted.push(new VeloError('VELO_CONSUMER_DEAD', explanation));
      },
    },
  });
  const host: LaneHost = {
    clock,
    groupId: 'billing',
    events,
    watch: { attempts: undefined, copies: undefined },
    capabilities: CAPABLE,
    handOffs,
    commits: { later: () => asked.push('later'), soon: () => asked.push('soon') },
    metadataRoom: { bytes: METADATA_ROOM },
    bufferRecords,
    bufferBytes,
    buffer: new SharedBuffer(clock, totalBytes),
    slots: new SharedSlots(perConsumer),
    flow: { of: () => source },
    adopt: () => {},
    partitionFor: (_, partition) => partition,
    pause: () => flow.push('pause'),
    resume: () => flow.push('resume'),
    scope: () => new AsyncResource('test'),
    recordAttempt: (failure) => attempts.push(failure),
    warn: () => {},
    halt: (error) => halted.push(error),
  };
  return {
    host,
    clock,
    source,
    /** 'pause' and 'resume', as they came. */
    flow,
    /** When each commit that it has asked for is to come. */
    asked,
    halted,
    /** A failure for each attempt, or nothing if it has succeeded. */
    attempts,
    /** What was written to other topics. */
    copies,
    told: <E extends ConsumerEvent>(event: E) =>
      told.filter((one) => one.event === event).map(({ payload }) => payload as ConsumerEvents[E]),
  };
}

export interface LaneSetup extends HostSetup, Partial<ConsumerConfig> {
  readonly handler?: ConsumerConfig['handler'];
  /** 0: the source topic. @default 0 */
  readonly tier?: number;
}

/** One lane of `orders`, or of its n-th tier, and all that it has told its host. */
export function laneInTest({
  bufferRecords,
  bufferBytes,
  totalBytes,
  perConsumer,
  publish,
  flow,
  tier = 0,
  ...config
}: LaneSetup) {
  const { host, ...test } = hostInTest({
    bufferRecords,
    bufferBytes,
    totalBytes,
    perConsumer,
    flow,
    publish,
  });
  const { routes } = planConsumer({ groupId: 'billing', topics: ['orders'], ...config }, 0);
  const route = [...routes.values()][tier] as Route;
  const lane = new Lane({ topic: route.topic, partition: 0 }, route, host);
  return {
    ...test,
    host,
    lane,
    /** What a commit would write now. */
    toCommit: () => lane.standing.takeCommit()?.offset,
  };
}
