import type { CommittedOffset, OffsetRange, PartitionOffset } from '../binding/binding.js';
import { namePartitions } from '../binding/name-partitions.js';
import { partitionsOf } from '../binding/record.js';
import { count } from './check-topics.js';
import { type Examined, type ExaminedTopic, isRead } from './examined.js';
import type { Finding } from './finding.js';
import { onGroup, onTopic } from './questions.js';

/** What is left of a topic. */
export interface Left {
  readonly topic: ExaminedTopic;
  /** Partitions with records that were not handled, and where these begin. */
  readonly from: readonly PartitionOffset[];
  /** Not more records than that; the ends of transactions count like records. */
  readonly records: number;
}

interface Standing {
  readonly partition: number;
  /** -1: nothing. */
  readonly committed: number;
  readonly range: OffsetRange;
}

/** How far the group has got in what it reads. @returns what is left of each topic */
export async function* checkLag(
  examined: Examined,
  topics: readonly ExaminedTopic[],
): AsyncGenerator<Finding, Left[]> {
  const all: Left[] = [];
  for (const topic of topics.filter(isRead)) {
    const standings = yield* standingsOf(examined, topic);
    if (standings === undefined) continue;
    const left = leftOf(topic, standings);
    all.push(left);
    yield* lost(topic, standings);
    yield lagOf(topic, left, standings);
  }
  return all;
}

async function* standingsOf(
  examined: Examined,
  topic: ExaminedTopic,
): AsyncGenerator<Finding, Standing[] | undefined> {
  const { client, plan, questions } = examined;
  const { groupId } = plan;
  const partitions = partitionsOf(topic.topic, topic.partitions);
  const common = { check: 'lag', subject: `topic ${topic.topic}`, topic: topic.topic } as const;
  const committed = await questions.ask(
    { ...common, what: 'what the group has committed', groupId, right: onGroup(groupId, 'Describe') },
    () => client.committed(groupId, partitions),
  );
  if (committed.value === undefined) {
    yield committed.finding;
    return undefined;
  }
  const ranges = yield* rangesOf(examined, topic);
  return ranges?.map(({ partition, range }) => ({
    partition,
    committed: offsetOf(committed.value[partition]),
    range,
  }));
}

/** Of the partitions whose leaders answer. */
export async function* rangesOf(
  { client, questions }: Examined,
  { topic, partitions }: ExaminedTopic,
): AsyncGenerator<Finding, { readonly partition: number; readonly range: OffsetRange }[] | undefined> {
  const common = { check: 'lag', subject: `topic ${topic}`, topic } as const;
  const right = onTopic(topic, 'Describe');
  const all = partitionsOf(topic, partitions);
  const answer = await questions.ask({ ...common, what: 'where its partitions end', right }, async () => {
    const settled = await Promise.allSettled(client.offsets(all));
    const failed = settled.find(({ status }) => status === 'rejected') as PromiseRejectedResult | undefined;
    const found = settled.flatMap((one, partition) =>
      one.status === 'fulfilled' ? { partition, range: one.value } : [],
    );
    if (failed !== undefined && found.length === 0) throw failed.reason;
    return found;
  });
  if (answer.value === undefined) {
    yield answer.finding;
    return undefined;
  }
  const known = new Set(answer.value.map(({ partition }) => partition));
  const silent = all.filter(({ partition }) => !known.has(partition));
  if (silent.length > 0)
    yield {
      check: 'lag',
      subject: common.subject,
      status: 'problem',
      text: `The leaders of these partitions do not tell where they end: ${namePartitions(silent)}. They are left out of what follows.`,
      remedy: 'See that all brokers are up, and which partitions are without a leader.',
      data: { silent },
    };
  return answer.value;
}

function leftOf(topic: ExaminedTopic, standings: readonly Standing[]): Left {
  const from: PartitionOffset[] = [];
  let records = 0;
  for (const { partition, committed, range } of standings) {
    const offset =
      committed < 0 || committed > range.latest ? range.earliest : Math.max(committed, range.earliest);
    if (offset >= range.latest) continue;
    records += range.latest - offset;
    from.push({ topic: topic.topic, partition, offset });
  }
  return { topic, from, records };
}

/** Deleted before they were read. */
function* lost({ topic }: ExaminedTopic, standings: readonly Standing[]): Generator<Finding> {
  const behind = standings.filter(({ committed, range }) => committed >= 0 && committed < range.earliest);
  if (behind.length === 0) return;
  const records = behind.reduce((sum, { committed, range }) => sum + range.earliest - committed, 0);
  yield {
    check: 'lag',
    subject: `topic ${topic}`,
    status: 'problem',
    text: `Up to ${count(records, 'record')} were deleted before the group had handled them, in ${namePartitions(behind.map(({ partition }) => ({ topic, partition })))}.`,
    remedy:
      'They are lost to the group. A longer retention.ms, or more members, keeps it from happening again.',
    data: { deleted: records },
  };
}

function lagOf({ topic, kind }: ExaminedTopic, { records }: Left, standings: readonly Standing[]): Finding {
  const isNew = standings.every(({ committed }) => committed < 0);
  const handled =
    records === 0 ? 'All is handled.' : `Up to ${count(records, 'record')} are not handled yet.`;
  const begun = 'The group has committed nothing there: it has never read it, or its offsets have expired.';
  return {
    check: 'lag',
    subject: `topic ${topic}`,
    status: isNew && kind === 'source' ? 'warning' : 'ok',
    text: isNew ? `${begun} It has up to ${count(records, 'record')}.` : handled,
    remedy:
      isNew && kind === 'source'
        ? 'Where that is not so, look at the name of the group; without a committed offset it begins where startFrom says.'
        : undefined,
    data: {
      kind,
      lag: records,
      partitions: standings.map(({ partition, committed, range }) => ({ partition, committed, ...range })),
    },
  };
}

function offsetOf(committed: CommittedOffset | undefined): number {
  return typeof committed?.offset === 'number' ? committed.offset : -1;
}
