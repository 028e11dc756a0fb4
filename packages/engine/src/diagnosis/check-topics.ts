import { formatDuration } from '@velo/retry-core';
import { formerTiers } from '../plan/former-tiers.js';
import { replayRoutes } from '../plan/replay-topics.js';
import { keptForTier, type OwnTopic, ownTopics } from '../topology/own-topics.js';
import { mendCommand, topicFaults } from '../topology/topic-faults.js';
import { growCommand } from '../topology/uneven.js';
import type { Examined, ExaminedTopic } from './examined.js';
import type { Finding } from './finding.js';
import { onTopic } from './questions.js';

type Findings<T> = AsyncGenerator<Finding, T>;

/** Sources first, then velo's own. @returns those that are there */
export async function* checkTopics(examined: Examined): Findings<ExaminedTopic[]> {
  const { plan } = examined;
  const there: ExaminedTopic[] = [];
  for (const source of plan.sources) {
    const common = { topic: source, kind: 'source', sources: [source], wait: 0 } as const;
    const found = yield* checkTopic(examined, common);
    if (found === undefined) continue;
    there.push(found);
    yield* checkLeaders(examined, found);
  }
  const names = yield* listed(examined);
  for (const own of ownOnes(examined, names)) {
    const found = yield* checkTopic(examined, own);
    if (found === undefined) continue;
    yield* checkOwn(found, own, there);
    there.push(found);
  }
  return there;
}

interface Expected extends Pick<ExaminedTopic, 'topic' | 'kind' | 'sources' | 'wait'> {
  /** ms */
  readonly retention?: number;
}

/** Those of the configuration, then those that are found by their names. */
function ownOnes({ plan }: Examined, names: readonly string[]): Expected[] {
  const planned: Expected[] = ownTopics(plan);
  const former = formerTiers(names, plan).map(({ topic, source, wait }) => {
    return { topic, kind: 'tier', sources: [source], wait, retention: keptForTier(wait) } as const;
  });
  const replays = replayRoutes(new Set(names), plan).map(
    ({ topic, source }) => ({ topic, kind: 'replay', sources: [source], wait: 0 }) as const,
  );
  const byWait = (one: Expected, other: Expected) => one.wait - other.wait;
  const tiers = [...planned.filter(({ kind }) => kind === 'tier'), ...former].sort(byWait);
  return [...tiers, ...replays, ...planned.filter(({ kind }) => kind !== 'tier')];
}

async function* listed({ client, questions }: Examined): Findings<readonly string[]> {
  const answer = await questions.ask(
    { check: 'topic', subject: 'brokers', what: 'which topics there are', needed: false },
    () => client.listTopics(),
  );
  if (answer.value !== undefined) return answer.value;
  yield answer.finding;
  return [];
}

async function* checkTopic(
  { client, questions }: Examined,
  { topic, kind, sources, wait }: Expected,
): Findings<ExaminedTopic | undefined> {
  const subject = `topic ${topic}`;
  const common = { check: 'topic', subject } as const;
  const right = onTopic(topic, 'Describe');
  const answer = await questions.ask({ ...common, what: 'whether it exists', topic, right }, () =>
    client.partitionCount(topic),
  );
  if (answer.value === undefined) {
    yield answer.finding;
    return undefined;
  }
  const partitions = answer.value;
  if (partitions === 0) {
    yield missing(topic, kind, sources);
    return undefined;
  }
  const described = await questions.ask({ ...common, what: 'how it is configured' }, () =>
    client.describeTopic(topic),
  );
  const description = described.value ?? {};
  const { replicationFactor } = description;
  const replicas = replicationFactor === undefined ? '' : `, ${count(replicationFactor, 'replica')}`;
  yield {
    ...common,
    status: 'ok',
    text: `It is there: ${count(partitions, 'partition')}${replicas}.`,
    data: { kind, partitions, replicationFactor },
  };
  return { topic, kind, sources, wait, partitions, description };
}

function missing(topic: string, kind: Expected['kind'], sources: readonly string[]): Finding {
  const common = { check: 'topic', subject: `topic ${topic}`, data: { kind, partitions: 0 } } as const;
  if (kind === 'source')
    return {
      ...common,
      status: 'problem',
      text: 'It does not exist, or the user may not know of it: the group has nothing to read there.',
      remedy: `Mend its name, allow Describe on it, or create it: kafka-topics.sh --bootstrap-server HOST:PORT --create --if-not-exists --topic ${topic}`,
    };
  const what = kind === 'tier' ? 'Records that wait' : 'Dead letters';
  return {
    ...common,
    status: 'warning',
    text: `It does not exist. ${what} of ${sources.join(', ')} go there; a consumer of velo's makes it at its start, unless topology.create is 'never'.`,
    remedy: 'consumer.requirements() has the command that makes it.',
  };
}

async function* checkLeaders({ client, questions }: Examined, { topic }: ExaminedTopic): Findings<void> {
  const common = { check: 'topic', subject: `topic ${topic}` } as const;
  const answer = await questions.ask(
    { ...common, what: 'which of its partitions have no leader', topic },
    () => client.leaderless(topic),
  );
  if (answer.value === undefined) yield answer.finding;
  else if (answer.value.length > 0)
    yield {
      ...common,
      status: 'problem',
      text: `Partitions ${answer.value.join(', ')} have no leader: nothing can be read or written there.`,
      remedy: `kafka-topics.sh --bootstrap-server HOST:PORT --describe --topic ${topic} --unavailable-partitions`,
      data: { leaderless: answer.value },
    };
}

/** As its sources need it. */
async function* checkOwn(
  { topic, kind, partitions, wait, description }: ExaminedTopic,
  { sources, retention = 0 }: Expected,
  there: readonly ExaminedTopic[],
): Findings<void> {
  const common = { check: 'settings', subject: `topic ${topic}` } as const;
  const origins = there.filter((one) => one.kind === 'source' && sources.includes(one.topic));
  const findings: Finding[] = [];
  const widest = Math.max(0, ...origins.map((origin) => origin.partitions));
  if (partitions < widest)
    findings.push({
      ...common,
      status: 'warning',
      text: `It has ${count(partitions, 'partition')}, its source ${widest}: copies go to the remainder of their partition, and keys of several partitions mix.`,
      remedy: growCommand(topic, widest),
      data: { partitions, needed: widest },
    });
  const replicas = Math.max(0, ...origins.map((origin) => origin.description.replicationFactor ?? 0));
  const own = description.replicationFactor;
  if (own !== undefined && own < replicas)
    findings.push({
      ...common,
      status: 'warning',
      text: `It has ${count(own, 'replica')}, its source ${replicas}: it is lost with fewer brokers than its source.`,
      remedy: 'kafka-reassign-partitions.sh gives it more.',
      data: { replicationFactor: own, needed: replicas },
    });
  const asOwn: OwnTopic = { topic, kind: kind === 'dead-letter' ? kind : 'tier', sources, wait, retention };
  for (const fault of topicFaults(
    asOwn,
    description,
    origins.map((origin) => origin.description),
  ))
    findings.push({
      ...common,
      status: fault.loses ? 'problem' : 'warning',
      text: `It ${fault.text}`,
      remedy: mendCommand(fault),
      data: { config: fault.config, loses: fault.loses },
    });
  if (findings.length > 0) yield* findings;
  else if (description.effective === undefined)
    yield {
      ...common,
      status: 'unknown',
      text: 'How it is configured is not told: the client cannot ask, or its user lacks the right DescribeConfigs.',
      remedy: `kafka-configs.sh --bootstrap-server HOST:PORT --describe --all --entity-type topics --entity-name ${topic}`,
    };
  else {
    const kept = Number(description.effective['retention.ms'] ?? -1);
    yield {
      ...common,
      status: 'ok',
      text: `It is as it must be, and keeps its records ${kept < 0 ? 'for good' : `for ${formatDuration(kept)}`}.`,
      data: { retention: kept },
    };
  }
}

export function count(number: number, noun: string): string {
  return `${number.toLocaleString('en-US')} ${noun}${number === 1 ? '' : 's'}`;
}
