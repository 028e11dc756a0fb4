import { foreignMessage, formatDuration } from '@velo/retry-core';
import { placeOf } from '../binding/record.js';
import type { Emitter, OfFailure, OfRecord } from '../observing/events.js';
import type { LogFields } from '../plan/config.js';
import type { SeldomLog } from './seldom-log.js';

/** Tells in the log what becomes of records that do not succeed, each kind of it seldom. */
export function logEvents(groupId: string, events: Emitter, log: SeldomLog): void {
  events.on('deadLetter', (event) => {
    const { record, topic, reason, totalAttempts, error } = event;
    const why = foreignMessage(error);
    log.tell(
      'deadLetter',
      [record.topic, error],
      'warn',
      `The record at ${placeOf(record)} is a dead letter of group ${groupId}, in ${topic} (${reason}, ${attempts(totalAttempts)}): ${why}. Nothing is lost: mend the cause, then velo.deadLetters() or "velo dlt replay" sends it back.`,
      { event: 'deadLetter', ...ofFailure(event, why), to: topic, reason },
    );
  });
  events.on('skipped', (event) => {
    const { record, reason, totalAttempts, error } = event;
    const why = foreignMessage(error);
    log.tell(
      'skipped',
      [record.topic, error],
      'warn',
      `The record at ${placeOf(record)} was skipped by group ${groupId} (${reason}, ${attempts(totalAttempts)}): ${why}. It is given up, as the configuration says, and handled no more. With exhausted or refused otherwise it would be kept.`,
      { event: 'skipped', ...ofFailure(event, why), reason },
    );
  });
  events.on('misrouted', (event) => {
    const { record, topic, error } = event;
    const why = foreignMessage(error);
    log.tell(
      'misrouted',
      [record.topic, error],
      'warn',
      `exhausted.route could not say where the dead letter of ${placeOf(record)} goes, in group ${groupId}: ${why}. Nothing is lost: it goes to ${topic}. Mend the route.`,
      { event: 'misrouted', ...ofRecord(event), to: topic, error: why },
    );
  });
  events.on('publishRefused', ({ record, topic, error, explanation }) => {
    log.tell(
      'publishRefused',
      [topic, error],
      'warn',
      `The copy of the record at ${placeOf(record)} to ${topic} is refused for good in group ${groupId}. Nothing is lost: another form of it, or another topic is tried, then \`refused\` decides. ${explanation}`,
      { event: 'publishRefused', ...place(record), to: topic, error: foreignMessage(error) },
    );
  });
  events.on('stalled', (event) => {
    const { record, running } = event;
    log.tell(
      'stalled',
      [record.topic],
      'warn',
      `The handler of ${placeOf(record)} runs for ${formatDuration(Math.round(running))} in group ${groupId}. Nothing is lost, and what comes after that record waits. Find what it waits for, heed the signal, and set handlerTimeout.`,
      { event: 'stalled', ...ofRecord(event), running: Math.round(running) },
    );
  });
}

const attempts = (count: number) => (count === 1 ? 'after 1 attempt' : `after ${count} attempts`);

function place({ topic, partition, offset }: OfRecord['record']): LogFields {
  return { topic, partition, offset };
}

function ofRecord({ record, tier, totalAttempts }: OfRecord): LogFields {
  return { ...place(record), tier, totalAttempts };
}

function ofFailure(event: OfFailure, error: string): LogFields {
  return { ...ofRecord(event), category: event.category, error };
}
