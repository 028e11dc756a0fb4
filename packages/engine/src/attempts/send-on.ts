import { explainKafkaError, foreignText, VeloError, watchRejection } from '@velo/retry-core';
import { ownRecord } from '../binding/own-record.js';
import { placeOf } from '../binding/record.js';
import type { DeadLetterReason, Decision } from '../failures/decide.js';
import { type Failure, failureOf } from '../failures/failure.js';
import { nextPass } from '../failures/passes.js';
import { copyHeaders, type RetryState } from '../headers/retry-state.js';
import { MOST_AFTER } from '../headers/waits-for.js';
import { givenUp } from '../plan/dead-letter-route.js';
import type { DeadLetters, Route, Tier } from '../plan/plan-topic.js';
import { type Copy, handOff, type Leaving } from './hand-off.js';

/** A record that leaves its topic, and all that is known of it. */
export interface LeavingRecord extends Leaving {
  /** With the attempt that failed. */
  readonly state: RetryState;
  readonly failure: Failure;
  readonly route: Route;
}

type HandOff = Extract<Decision<Tier>, { action: 'hand-off' }>;

/** A copy in a tier that no attempt has brought about. */
export interface MovingCopy extends Omit<Copy, 'kind' | 'refused'> {
  /** Another way, where it must not be given up. */
  readonly again: () => void;
}

/** To a tier, to the dead letters, skipped, or the consumer stops before it. */
export function sendOn(
  leaving: LeavingRecord,
  decision: Exclude<Decision<Tier>, { action: 'retry-in-place' }>,
): void {
  // Its copy has the same bytes, and may be on its way for long.
  ownRecord(leaving.record);
  if (decision.action === 'hand-off') toTier(leaving, decision);
  else giveUp(leaving, decision.reason);
}

function toTier(leaving: LeavingRecord, decision: HandOff): void {
  const { record, state, route, host, lane } = leaving;
  const { tier, stays = 0 } = decision;
  // A pass would put it behind those of its key.
  const after = route.keepKeyOrder ? undefined : decision.after;
  const delay = Math.min(after ?? tier.wait, MOST_AFTER);
  const { topic } = after === undefined ? tier : nextPass(route.tiers, delay);
  const { tierNumber } = tier;
  const waits = after !== undefined || stays > 0;
  lane.keys?.sent(topic, record, state.offset);
  handOff(leaving, {
    kind: 'tier',
    topic,
    headers: (isBare) =>
      copyHeaders(record, {
        ...facts(leaving, isBare),
        profile: route.tierHeaders,
        due: host.clock.wallTime() + delay,
        waitsFor: waits ? { tierNumber, attempts: stays } : undefined,
      }),
    written: () => host.events.emit('handOff', { ...told(leaving), topic, nextTier: tierNumber, delay }),
    refused: (error) => refusedByTier(leaving, topic, error, () => toTier(leaving, decision)),
    never: () => lane.keys?.unsent(topic, record, state.offset),
  });
}

/**
 * What a tier refuses for good leaves the dead letters.
 *
 * @param again where it must not be given up now: done once it may be
 */
function refusedByTier(leaving: LeavingRecord, tier: string, error: unknown, again: () => void): void {
  const { exhausted, refused } = leaving.route;
  if (exhausted.action === 'dead-letter') ifItMay(leaving, () => giveUp(leaving, 'refused'), again);
  else if (refused === 'skip') ifItMay(leaving, () => skip(leaving, 'refused'), again);
  else atTheEnd(leaving, tier, error);
}

/** Its copy goes to a tier without an attempt. Where the tier refuses it for good, that is what has failed. */
export function moveOn(moving: Omit<LeavingRecord, 'failure'>, copy: MovingCopy): void {
  handOff(moving, {
    ...copy,
    kind: 'tier',
    refused: (error) => {
      const failure = failureOf(error, moving.record, 'handler', moving.route.classify);
      refusedByTier({ ...moving, failure }, copy.topic, error, copy.again);
    },
  });
}

/** Whether the guard lets it be given up; if not, another way is taken once it does. */
function ifItMay({ record, failure, lane }: LeavingRecord, end: () => void, otherwise: () => void): void {
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
    kind: 'dead-letter',
    topic,
    headers: (isBare) =>
      copyHeaders(record, { ...facts(leaving, isBare), profile: deadLetters.headers, reason }),
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

/** @param isBare without the texts of the error */
function facts({ state, failure, route, host }: LeavingRecord, isBare: boolean) {
  const { tierHeaders, stackTraces } = route;
  const known = isBare ? { ...failure, name: '', message: '', error: undefined } : failure;
  return {
    state,
    groupId: host.groupId,
    failure: known,
    tierHeaders,
    stackTraces,
    at: host.clock.wallTime(),
  };
}

function told({ record, state, failure, route }: LeavingRecord) {
  const { error, category } = failure;
  return { record, tier: route.tier, totalAttempts: state.attempts, error, category };
}
