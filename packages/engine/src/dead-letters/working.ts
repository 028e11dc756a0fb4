import type { OutgoingRecord } from '../binding/binding.js';
import { partitionOf } from '../binding/record.js';
import { ledgerTopic } from '../plan/topic-names.js';
import type { LetterFilter } from './filter.js';
import type { Ledger } from './ledger.js';
import { LedgerFeed } from './ledger-feed.js';
import { LogReader } from './log-reader.js';
import { ledgerOf, narrow, readerOf } from './look.js';
import { ensureLedger } from './make-topics.js';
import { PlainWriting } from './plain-writing.js';
import { Run } from './run.js';
import { type Scene, type Survey, workersOf } from './survey.js';
import { Entries, type Task } from './task.js';
import { TransactionalWriting } from './transactional-writing.js';

export interface WorkingOptions {
  readonly scene: Scene;
  readonly survey: Survey;
  readonly filter: LetterFilter;
  readonly handOff: 'at-least-once' | 'transactional';
  readonly run: string;
  readonly perSecond: number | undefined;
  readonly signal: AbortSignal;
  readonly task: (entries: Entries) => Task;
}

/** Does a task with all dead letters of a survey, with a member of the group that shares the work. @returns why it has stopped */
export async function work(options: WorkingOptions): Promise<'signal' | 'task' | undefined> {
  const { scene, survey, filter, handOff, signal } = options;
  const { client, groupId, clock, random } = scene;
  const spans = narrow(survey.spans, filter.places);
  if (spans.length === 0) return undefined;
  const topics = new Map(survey.topics.map((found) => [found.topic, found]));
  const asked = [...new Set(spans.map(({ topic }) => topic))];
  const widths = new Map(
    await Promise.all(
      asked.map(async (topic) => {
        const partitions = survey.spans.filter((span) => span.topic === topic).length;
        const width = await ensureLedger(topic, partitions, scene);
        return [topic, width] as const;
      }),
    ),
  );
  const ledgers = new Map(asked.map((topic) => [ledgerTopic(topic), topic]));
  const ledger = ledgerOf(survey, options.run);
  const workers = workersOf(groupId);
  const transactional = handOff === 'transactional';
  const follower = readerOf(scene, [...ledgers.keys()]);
  const reader: LogReader = new LogReader({
    client,
    groupId: workers,
    topics: asked,
    clientOptions: scene.clientOptions,
    transactional,
    rest: () => run.rest(),
    clock,
  });
  const writing = transactional
    ? new TransactionalWriting({
        client,
        groupId: workers,
        member: () => reader.member,
        operations: scene.watch.operations,
        clock,
      })
    : new PlainWriting(client, clock);
  const feed = new LedgerFeed({ scene, reader: follower, ledger, topics: ledgers });
  const run = new Run({
    groupId,
    topics,
    spans,
    filter,
    ledger,
    catchUp: (parts) =>
      feed.catchUp(
        parts.map(({ topic, partition }) => ({
          topic: ledgerTopic(topic),
          partition: partition % (widths.get(topic) ?? 1),
        })),
      ),
    reader,
    writing,
    task: options.task(new Entries(options.run, scene, survey, widths)),
    perSecond: options.perSecond,
    signal,
    clock,
    random,
  });
  const wake = () => {
    reader.wake();
    follower.wake();
  };
  signal.addEventListener('abort', wake, { once: true });
  try {
    const stopped = await run.run();
    await clear(ledger, scene, widths);
    return stopped;
  } finally {
    signal.removeEventListener('abort', wake);
    writing.close();
    await Promise.all([reader.close(), follower.close()]);
  }
}

/** Entries of dead letters that are gone leave their ledger; if not now, with the next run. */
async function clear(ledger: Ledger, { client }: Scene, widths: ReadonlyMap<string, number>): Promise<void> {
  const byPartition = new Map<string, OutgoingRecord[]>();
  for (const { topic, partition, key } of ledger.expired) {
    if (!widths.has(topic)) continue;
    const record = { topic: ledgerTopic(topic), partition, key, value: null, headers: [] };
    const at = JSON.stringify(partitionOf(record));
    byPartition.set(at, [...(byPartition.get(at) ?? []), record]);
  }
  for (const records of byPartition.values())
    for (let i = 0; i < records.length; i += 500) await client.publish(records.slice(i, i + 500));
}
