import { invalidOption } from '@velo/retry-core';
import { isAnotherTopic } from '../binding/another-topic.js';
import { ledgerTopic } from '../plan/topic-names.js';
import type { Place } from './filter.js';
import { ledgerKey, readLedgerEntry } from './ledger-entry.js';
import { type Letter, readLetter, withStatus } from './letter.js';
import { ledgerOf, narrow, readerOf, readSpans } from './look.js';
import { type Scene, type Survey, spansOf } from './survey.js';
import type { DeadLetterEvent, DeadLetterHistory } from './types.js';

/** What happened to one dead letter, by its ledger. */
export async function historyOf(at: Place, scene: Scene, survey: Survey): Promise<DeadLetterHistory> {
  const found = topicOf(at, survey);
  const { topic } = found;
  const place = { topic, partition: at.partition, offset: String(at.offset) };
  const ledger = ledgerTopic(topic);
  const spans = narrow(survey.spans, [{ ...at, topic }]);
  const ledgers = survey.names.has(ledger) ? await spansOf(scene.client, [ledger]) : [];
  const events: DeadLetterEvent[] = [];
  let letter: Letter | undefined;
  const known = ledgerOf({ ...survey, start: () => 0 });
  if (spans.length > 0 || ledgers.some(({ from, end }) => from < end)) {
    const reader = readerOf(scene, [
      ...(spans.length > 0 ? [topic] : []),
      ...(ledgers.length > 0 ? [ledger] : []),
    ]);
    try {
      for await (const record of readSpans(reader, spans))
        letter = readLetter(record, { groupId: scene.groupId, found }) ?? letter;
      for await (const record of readSpans(reader, ledgers)) {
        if (record.key?.toString() !== ledgerKey(place)) continue;
        known.take(topic, record);
        const entry = readLedgerEntry(record);
        if (entry === undefined || isAnotherTopic(entry.topicId, survey.topicIds.get(topic))) continue;
        if (letter !== undefined && entry.written !== letter.timestamp) continue;
        const { written: _, topicId: __, ...event } = entry;
        events.push(event);
      }
    } finally {
      await reader.close();
    }
  }
  events.sort((a, b) => a.at - b.at);
  const done = events.findLast(({ action }) => action !== 'refused')?.action;
  const status =
    letter === undefined ? (done === 'refused' ? 'open' : (done ?? 'open')) : known.statusOf(letter);
  return { ...place, deadLetter: letter && withStatus(letter, status), status, events };
}

/** @throws {VeloError} `VELO_INVALID_OPTION` where more than one topic may be meant, or none is */
function topicOf({ topic, partition, offset }: Place, { topics }: Survey) {
  const meant = topics.filter((found) => topic === undefined || found.topic === topic);
  const [only] = meant;
  if (only !== undefined && meant.length === 1) return only;
  const names = topics.map((found) => found.topic);
  const at = `${topic === undefined ? '' : `${topic}:`}${partition}:${offset}`;
  const allowed =
    names.length === 0
      ? 'a dead letter of this group, of which there is no topic'
      : `'topic:partition:offset', with a topic among ${names.join(', ')}`;
  throw invalidOption('at', at, allowed);
}
