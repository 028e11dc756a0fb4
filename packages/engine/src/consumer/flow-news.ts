import { type Clock, foreignText, formatDuration, VeloError } from '@velo/retry-core';
import { type KafkaRecord, placeOf } from '../binding/record.js';
import type { Trip } from '../flow/guard.js';
import type { FlowNews } from '../flow/news.js';
import type { Emitter } from '../observing/events.js';
import type { HeldTopic, HoldReason } from '../observing/held.js';
import type { Logger } from '../plan/config.js';
import type { SeldomLog } from './seldom-log.js';

export interface FlowNewsOptions {
  readonly groupId: string;
  readonly events: Emitter;
  readonly logger: Logger;
  readonly log: SeldomLog;
  readonly clock: Clock;
  readonly halt: (error: VeloError) => void;
}

const CAUSES: Readonly<Record<HoldReason, string>> = {
  user: 'pause() was called',
  guard: 'too many of its records were about to be given up',
  breaker: 'too many of its attempts have failed, and not by the fault of their records',
  rate: 'as many attempts as flow.rate allows have begun; others follow evenly',
};

/** What holds sources, told to people in the consumer's log and to programs as events. */
export function flowNews({ groupId, events, logger, log, clock, halt }: FlowNewsOptions): FlowNews {
  return {
    held(hold: HeldTopic) {
      const explanation = `${hold.topic} is held in group ${groupId}, with its tiers: ${CAUSES[hold.reason]}. Nothing is lost: its records wait.`;
      // Of the guard, all is said by `guarded`.
      if (hold.reason !== 'guard')
        // What is let through evenly is as it was asked for.
        log.tell('held', [hold.topic, hold.reason], hold.reason === 'rate' ? 'info' : 'warn', explanation, {
          event: 'held',
          topic: hold.topic,
          reason: hold.reason,
        });
      events.emit('held', { ...told(hold), explanation });
    },
    released(hold: HeldTopic) {
      const time = Math.max(0, clock.wallTime() - hold.since);
      log.tell(
        'released',
        [hold.topic, hold.reason],
        'info',
        `${hold.topic} goes on in group ${groupId} after ${formatDuration(time)}: it was held since ${CAUSES[hold.reason]}.`,
        { event: 'released', topic: hold.topic, reason: hold.reason, time },
      );
      events.emit('released', { ...told(hold), time });
    },
    probeFailed(topic, reason) {
      log.tell(
        'probe',
        [topic],
        'warn',
        `flow.breaker.probe says that what ${topic} needs in group ${groupId} is still down: ${reason}. Nothing is lost: its records wait, and it is asked again.`,
        { topic, error: reason },
      );
    },
    guarded(topic, trip, { record, failure: { error, category } }, then) {
      const what = happened(groupId, topic, trip);
      const explanation = `${what} ${then === 'stop' ? explainStop(record) : explainPause(topic, record)}`;
      const { deadLetters, share, time } = trip;
      events.emit('guarded', { topic, record, error, category, deadLetters, share, time, explanation });
      // Whoever ends the consumer logs it.
      if (then === 'stop') halt(new VeloError('VELO_CONSUMER_DEAD', explanation, { cause: error }));
      else logger.error(explanation);
    },
  };
}

const told = ({ topic, reason, since }: HeldTopic) => ({ topic, reason, since });

function explainPause(topic: string, record: KafkaRecord): string {
  return `So ${topic} is held with its tiers, from the record at ${placeOf(record)} on. Nothing is lost: nothing more is given up, and nothing is tried meanwhile. Mend the cause: after a bad deploy, roll it back; then start the consumer again, or call consumer.resume(['${topic}']), and what is held is tried again. If all these records are to go, give flow.guard of this topic other limits, or false.`;
}

function explainStop(record: KafkaRecord): string {
  return `So the consumer stops before the record at ${placeOf(record)}, as flow.guard.then says. Nothing is lost: what was not given up comes again at the next start. Mend the cause before that.`;
}

function happened(groupId: string, topic: string, { deadLetters, time, share, commonest }: Trip): string {
  return `${deadLetters} records of ${topic} were about to be given up in group ${groupId} within ${formatDuration(time)}, ${Math.round(share * 100)} % of all that have ended meanwhile; the commonest error: ${foreignText(commonest)}.`;
}
