import { explainKafkaError, foreignText, VeloError, watchRejection } from '@velo/retry-core';
import type { ClientCapabilities, OutgoingHeader, OutgoingRecord } from '../binding/binding.js';
import { ownRecord } from '../binding/own-record.js';
import { type KafkaRecord, placeOf } from '../binding/record.js';
import { isTooLarge } from '../failures/client-error.js';
import type { DeadLetterReason, Decision } from '../failures/decide.js';
import type { Failure } from '../failures/failure.js';
import { copyHeaders, type RetryState } from '../headers/retry-state.js';
import { givenUp } from '../plan/dead-letter-route.js';
import type { DeadLetters, Route, Tier } from '../plan/plan-topic.js';
import type { PendingRecord } from '../sending/pending-record.js';
import { explainGrowth, growthOf } from '../sending/request-size.js';
import type { AttemptHost } from './attempt-host.js';
import type { AttemptLane } from './attempt-lane.js';

/** A record that leaves its topic, and all that is known of it. */
export interface LeavingRecord {
  readonly record: KafkaRecord;
  /** With the attempt that failed. */
  readonly state: RetryState;
  readonly failure: Failure;
  readonly route: Route;
  readonly host: AttemptHost;
  readonly lane: AttemptLane;
}

/** To a tier, to the dead letters, skipped, or the consumer stops before it. */
export function sendOn(
  leaving: LeavingRecord,
  decision: Exclude<Decision<Tier>, { action: 'retry-in-place' }>,
): void {
  // Its copy has the same bytes, and may be on its way for long.
  ownRecord(leaving.record);
  if (decision.action === 'hand-off') toTier(leaving, decision.tier);
  else giveUp(leaving, decision.reason);
}

/** A tier that refuses the copy for good leaves the dead letters. */
function toTier(leaving: LeavingRecord, tier: Tier): void {
  const { route, host } = leaving;
  const { topic, tierNumber, wait } = tier;
  handOff(leaving, {
    topic,
    headers: (failure) =>
      copyHeaders(leaving.record, {
        ...facts(leaving, failure),
        profile: route.tierHeaders,
        due: host.clock.wallTime() + wait,
      }),
    written: () =>
      host.events.emit('handOff', { ...told(leaving), topic, nextTier: tierNumber, delay: wait }),
    refused: (error) => {
      if (route.exhausted.action === 'dead-letter')
        ifItMay(leaving, { end: () => giveUp(leaving, 'refused'), otherwise: () => toTier(leaving, tier) });
      else if (route.refused === 'skip')
        ifItMay(leaving, { end: () => skip(leaving, 'refused'), otherwise: () => toTier(leaving, tier) });
      else atTheEnd(leaving, topic, error);
    },
  });
}

/** The brokers refuse its copy in a tier, which counts as giving it up: where that must not be, another way is taken once it may be. */
function ifItMay(
  { record, failure, lane }: LeavingRecord,
  { end, otherwise }: { readonly end: () => void; readonly otherwise: () => void },
): void {
  if (lane.flow.mayGiveUp(record, failure)) end();
  else
    lane.flow.onceUnguarded(() => {
      if (!lane.closed) otherwise();
    });
}

function giveUp(leaving: LeavingRecord, reason: DeadLetterReason): void {
  const { record, failure, route, host } = leaving;
  const { exhausted } = route;
  const to = exhausted.action === 'dead-letter' ? destination(leaving, exhausted, reason) : exhausted.action;
  if (to === 'skip') skip(leaving, reason);
  else if (to === 'stop') {
    const message = `The record at ${placeOf(record)} cannot be handled (${reason}: ${foreignText(failure.message)}), and 'stop' is what is configured for that. Nothing is lost: the consumer stops before it, and it comes again at the next start. Mend its cause, or configure 'dead-letter' or 'skip'.`;
    host.halt(new VeloError('VELO_CONSUMER_DEAD', message, { cause: failure.error }));
  } else toDeadLetters(leaving, exhausted as DeadLetters, to, reason);
}

/** A topic, 'skip' or 'stop'; the default topic where nothing else is said, or what is said makes no sense. */
function destination(
  leaving: LeavingRecord,
  { topic, router }: DeadLetters,
  reason: DeadLetterReason,
): string {
  const { record, state, failure, route, host } = leaving;
  const { tier } = route;
  try {
    return router.destination(givenUp(failure, reason, tier, state.attempts), record) ?? topic;
  } catch (error) {
    watchRejection(error);
    host.events.emit('misrouted', { record, tier, totalAttempts: state.attempts, error, topic });
    return topic;
  }
}

/** What another topic refuses for good is left to the default one. */
function toDeadLetters(
  leaving: LeavingRecord,
  deadLetters: DeadLetters,
  topic: string,
  reason: DeadLetterReason,
): void {
  const { record, route, host } = leaving;
  host.adopt(topic, route.source);
  handOff(leaving, {
    topic,
    headers: (failure) =>
      copyHeaders(record, { ...facts(leaving, failure), profile: deadLetters.headers, reason }),
    written: () => host.events.emit('deadLetter', { ...told(leaving), topic, reason }),
    refused: (error) => {
      if (topic === deadLetters.topic) atTheEnd(leaving, topic, error);
      else toDeadLetters(leaving, deadLetters, deadLetters.topic, reason);
    },
  });
}

/** No topic takes a copy: does what `refused` of the configuration says. */
function atTheEnd(leaving: LeavingRecord, topic: string, error: unknown): void {
  if (leaving.route.refused === 'skip') {
    skip(leaving, 'refused');
    return;
  }
  const message = `The brokers refuse the copy of the record at ${placeOf(leaving.record)} to ${topic}. Nothing is lost: the consumer stops before it, and it comes again at the next start; with refused: 'skip' it would be given up. ${explainKafkaError(error, { topic })}`;
  leaving.host.halt(new VeloError('VELO_PUBLISH_REFUSED', message, { cause: error }));
}

function skip(leaving: LeavingRecord, reason: DeadLetterReason): void {
  leaving.host.events.emit('skipped', { ...told(leaving), reason });
  leaving.lane.finish(leaving.record);
}

/** As it is; where that is too large, compressed; where that is too, as it is without the texts of its error. */
type Form = 'whole' | 'gzip' | 'bare';

interface Copy {
  readonly topic: string;
  readonly headers: (failure: Failure) => readonly OutgoingHeader[];
  readonly written: () => void;
  readonly refused: (error: unknown) => void;
}

/** The offset waits for the acknowledgement. A copy that is too large goes once more in each of its other forms. */
function handOff(leaving: LeavingRecord, copy: Copy, form: Form = 'whole'): void {
  const { record, failure, host, lane } = leaving;
  const { key, value } = record;
  const { topic } = copy;
  const known = form === 'bare' ? { ...failure, name: '', message: '', error: undefined } : failure;
  const target: OutgoingRecord = {
    topic,
    partition: host.partitionFor(topic, record.partition),
    key,
    value,
    headers: copy.headers(known),
    ...(form === 'gzip' && { gzip: true }),
  };
  const pending: PendingRecord = {
    record: target,
    // Its new owner makes a copy of its own, and without a copy the offset is not committed.
    wanted: () => !lane.closed,
    dropped: () => {},
    written: () => {
      copy.written();
      lane.handedOff(record);
    },
    refused: (error) => {
      if (lane.closed) return;
      const tooLarge = isTooLarge(error);
      const growth = tooLarge ? explainGrowth(growthOf(target, host.capabilities)) : '';
      const explanation = explainKafkaError(error, { topic }) + growth;
      host.events.emit('publishRefused', { record, topic, error, explanation });
      const next = tooLarge ? formAfter(form, host.capabilities) : undefined;
      if (next === undefined) copy.refused(error);
      else handOff(leaving, copy, next);
    },
  };
  host.handOffs.add(pending, lane, record);
}

function formAfter(form: Form, { gzip }: ClientCapabilities): Form | undefined {
  if (form === 'bare') return undefined;
  return form === 'whole' && gzip ? 'gzip' : 'bare';
}

function facts({ state, route, host }: LeavingRecord, failure: Failure) {
  const { tierHeaders, stackTraces } = route;
  return { state, groupId: host.groupId, failure, tierHeaders, stackTraces, at: host.clock.wallTime() };
}

function told({ record, state, failure, route }: LeavingRecord) {
  const { error, category } = failure;
  return { record, tier: route.tier, totalAttempts: state.attempts, error, category };
}
