import { type Clock, foreignText, formatDuration, VeloError } from '@velo/retry-core';
import { type KafkaRecord, placeOf } from '../binding/record.js';
import type { Trip } from '../flow/guard.js';
import type { FlowNews } from '../flow/source-flow.js';
import type { Emitter } from '../observing/events.js';
import type { HeldTopic, HoldReason } from '../observing/held.js';
import type { Logger } from '../plan/config.js';

export interface FlowNewsOptions {
  readonly groupId: string;
  readonly events: Emitter;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly halt: (error: VeloError) => void;
}

const CAUSES: Readonly<Record<HoldReason, string>> = {
  user: 'pause() was called',
  guard: 'too many of its records were about to be given up',
};

/** What holds sources, told to people in the consumer's log and to programs as events. */
export function flowNews({ groupId, events, logger, clock, halt }: FlowNewsOptions): FlowNews {
  return {
    held(hold: HeldTopic) {
      const explanation = `${hold.topic} is held in group ${groupId}, with its tiers: ${CAUSES[hold.reason]}. Nothing is lost: its records wait.`;
      // Of the guard, all is said by `guarded`.
      if (hold.reason !== 'guard') logger.info(explanation);
      events.emit('held', { ...told(hold), explanation });
    },
    released(hold: HeldTopic) {
      const time = Math.max(0, clock.wallTime() - hold.since);
      logger.info(
        `${hold.topic} goes on in group ${groupId} after ${formatDuration(time)}: it was held since ${CAUSES[hold.reason]}.`,
      );
      events.emit('released', { ...told(hold), time });
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
