import { formatDuration } from '@velo/retry-core';
import type { PartitionOffset } from '../binding/binding.js';
import { type KafkaRecord, placeOf } from '../binding/record.js';
import { dueOf } from '../headers/retry-state.js';
import { type Left, rangesOf } from './check-lag.js';
import { count } from './check-topics.js';
import type { Examined, ExaminedTopic } from './examined.js';
import type { Finding } from './finding.js';
import { firstRecords } from './first-records.js';
import { onGroup } from './questions.js';

/** How many partitions are read. */
const MOST_READ = 200;
/** A tier's record that starts so much later than it is due is worth a look, ms. */
const LATE = 10_000;
/** Clocks are closer than that by NTP, ms. */
const SKEW = 1_000;

/** What waits, and what was given up: how much, and how old. */
export async function* checkRecords(
  examined: Examined,
  lefts: readonly Left[],
  topics: readonly ExaminedTopic[],
  clientOptions: object | undefined,
  signal: AbortSignal,
): AsyncGenerator<Finding, void> {
  const waiting = lefts.filter(({ topic }) => topic.kind !== 'source');
  const letters: Left[] = [];
  for (const topic of topics.filter(({ kind }) => kind === 'dead-letter')) {
    const ranges = yield* rangesOf(examined, topic);
    if (ranges === undefined) continue;
    const filled = ranges.filter(({ range }) => range.latest > range.earliest);
    const from = filled.map(({ partition, range }) => ({
      topic: topic.topic,
      partition,
      offset: range.earliest,
    }));
    const records = filled.reduce((sum, { range }) => sum + range.latest - range.earliest, 0);
    letters.push({ topic, from, records });
  }
  const at = [...waiting, ...letters].flatMap(({ from }) => from).slice(0, MOST_READ);
  const records = yield* read(examined, at, clientOptions, signal);
  const now = examined.clock.wallTime();
  for (const left of waiting) yield waitingOf(left, records, now);
  for (const left of letters) yield lettersOf(left, records, now);
  yield clockOf(records, topics, now);
}

async function* read(
  { client, plan, questions, clock }: Examined,
  at: readonly PartitionOffset[],
  clientOptions: object | undefined,
  signal: AbortSignal,
): AsyncGenerator<Finding, readonly KafkaRecord[]> {
  if (at.length === 0) return [];
  const groupId = `${plan.groupId}-diagnosis-${clock.wallTime().toString(36)}`;
  const answer = await questions.ask(
    {
      check: 'waiting',
      subject: `group ${plan.groupId}`,
      what: 'what the oldest records are',
      groupId,
      right: { ...onGroup(`${plan.groupId}-diagnosis-`, 'Read'), pattern: 'prefixed' },
      needed: false,
    },
    () => firstRecords({ client, groupId, at, clientOptions, limit: questions.limit / 2, signal, clock }),
  );
  if (answer.value !== undefined) return answer.value;
  yield answer.finding;
  return [];
}

/** The one that has waited longest, by what `timeOf` says, ms since 1970. */
function oldestOf(
  { topic }: Left,
  records: readonly KafkaRecord[],
  timeOf: (record: KafkaRecord) => number,
): { readonly record: KafkaRecord; readonly time: number } | undefined {
  return records
    .filter((record) => record.topic === topic.topic)
    .map((record) => ({ record, time: timeOf(record) }))
    .filter(({ time }) => time >= 0)
    .sort((one, other) => one.time - other.time)[0];
}

function waitingOf(left: Left, records: readonly KafkaRecord[], now: number): Finding {
  const { topic } = left;
  const common = { check: 'waiting', subject: `topic ${topic.topic}` } as const;
  if (left.records === 0)
    return { ...common, status: 'ok', text: 'Nothing waits there.', data: { records: 0 } };
  const howMany = `Up to ${count(left.records, 'record')} wait there`;
  const oldest = oldestOf(left, records, (record) => dueOf(record) ?? record.timestamp + topic.wait);
  if (oldest === undefined)
    return {
      ...common,
      status: 'unknown',
      text: `${howMany}; when the oldest is due, nobody has told.`,
      data: { records: left.records },
    };
  const late = now - oldest.time;
  const data = { records: left.records, oldest: placeOf(oldest.record), due: oldest.time, late };
  if (late <= LATE)
    return {
      ...common,
      status: 'ok',
      text: `${howMany}; the oldest is due ${late > 0 ? 'now' : `in ${formatDuration(-late)}`}.`,
      data,
    };
  return {
    ...common,
    status: 'warning',
    text: `${howMany}; the oldest was due ${formatDuration(late)} ago (${placeOf(oldest.record)}).`,
    remedy:
      'See that the group has members that read this topic, and whether its source is held: health().held and consumer.pause() of each member tell, and a handler that never ends does the same.',
    data,
  };
}

function lettersOf(left: Left, records: readonly KafkaRecord[], now: number): Finding {
  const { topic } = left;
  const common = { check: 'dead-letters', subject: `topic ${topic.topic}` } as const;
  if (left.records === 0)
    return { ...common, status: 'ok', text: 'There are no dead letters.', data: { records: 0 } };
  const oldest = oldestOf(left, records, ({ timestamp }) => timestamp);
  const age = oldest && Math.max(0, now - oldest.time);
  const kept = Number(topic.description.effective?.['retention.ms'] ?? -1);
  const isNearEnd = age !== undefined && kept > 0 && age > kept * 0.8;
  const howOld = age === undefined ? '' : `, the oldest ${formatDuration(age)} old`;
  const end = isNearEnd ? ` They are deleted after ${formatDuration(kept)}.` : '';
  return {
    ...common,
    status: 'warning',
    text: `There are up to ${count(left.records, 'dead letter')}${howOld}; those that were replayed or discarded count as well.${end}`,
    remedy: 'velo.deadLetters().summary() tells which are open, and why; replay() and discard() end them.',
    data: {
      records: left.records,
      ...(age !== undefined && { oldestAge: age }),
      ...(kept >= 0 && { retention: kept }),
    },
  };
}

/** Nobody asks brokers for the time; but a stamp in the future tells. */
function clockOf(records: readonly KafkaRecord[], topics: readonly ExaminedTopic[], now: number): Finding {
  const common = { check: 'clock', subject: 'brokers' } as const;
  const [newest] = records.toSorted((one, other) => other.timestamp - one.timestamp);
  const ahead = newest === undefined ? 0 : newest.timestamp - now;
  if (newest === undefined || ahead <= SKEW)
    return {
      ...common,
      status: 'unknown',
      text: `Brokers tell nobody what time they have; ${newest === undefined ? 'no record was there to compare with' : 'no record that was looked at is stamped in the future'}.`,
    };
  const { effective } = topics.find(({ topic }) => topic === newest.topic)?.description ?? {};
  const whose = effective?.['message.timestamp.type'] === 'LogAppendTime' ? 'a broker' : 'who has written it';
  return {
    ...common,
    status: 'warning',
    text: `The record at ${placeOf(newest)} is stamped ${formatDuration(ahead)} in the future by the clock of ${whose}: that clock or this machine's is wrong, and what waits in tiers may start early or late.`,
    remedy: 'Keep the clocks of all machines by NTP.',
    data: { ahead },
  };
}
