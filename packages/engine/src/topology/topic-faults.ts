import { foreignText, formatDuration, shellWord } from '@velo/retry-core';
import type { TopicDescription } from '../binding/binding.js';
import { MAX_COPY_GROWTH } from '../headers/bounds.js';
import { largest, type OwnTopic, ROOM_FOR_COPIES } from './own-topics.js';

/** What is wrong with a topic of velo's own that somebody else has made, or that was made under other settings. */
export interface TopicFault {
  readonly topic: string;
  /** What is so, and what comes of it. */
  readonly text: string;
  /** Copies are lost; otherwise some are refused, or dead letters are gone before somebody looks. */
  readonly loses: boolean;
  /** What it should be. */
  readonly config: string;
}

const SERVER_OPTION = '--bootstrap-server HOST:PORT';

/** None where the client cannot tell how the topic is configured. */
export function topicFaults(
  own: OwnTopic,
  { effective }: TopicDescription,
  sources: readonly TopicDescription[],
): TopicFault[] {
  if (effective === undefined) return [];
  return [
    ...cleanupFaults(own, effective),
    ...retentionFaults(own, effective),
    ...roomFaults(own, effective, sources),
  ];
}

/** For people: each with the command that mends it. */
export function describeFaults(faults: readonly TopicFault[], server = SERVER_OPTION): string {
  return faults.map((fault) => `# ${fault.topic} ${fault.text}\n${mendCommand(fault, server)}`).join('\n');
}

/** What mends it. */
export function mendCommand({ topic, config }: TopicFault, server = SERVER_OPTION): string {
  const options = `--entity-type topics --entity-name ${shellWord(topic)} --add-config ${shellWord(config)}`;
  return `kafka-configs.sh ${server} --alter ${options}`;
}

type Configs = Readonly<Record<string, string>>;

function cleanupFaults({ topic, kind }: OwnTopic, configs: Configs): TopicFault[] {
  const { 'cleanup.policy': policy = 'delete' } = configs;
  if (!policy.includes('compact')) return [];
  const what = kind === 'tier' ? 'copies' : 'dead letters';
  return [
    {
      topic,
      text: `has cleanup.policy ${foreignText(policy, 80)}: of several ${what} with one key only the last is kept, and those without a key are refused.`,
      loses: true,
      config: 'cleanup.policy=delete',
    },
  ];
}

function retentionFaults({ topic, kind, wait, retention: wanted }: OwnTopic, configs: Configs): TopicFault[] {
  const faults: TopicFault[] = [];
  const retention = limitOf(configs, 'retention.ms');
  if (kind === 'tier' && retention <= wait) {
    faults.push({
      topic,
      text: `has retention.ms ${retention} (${formatDuration(retention)}), and its records wait ${formatDuration(wait)}: copies are deleted before they are due.`,
      loses: true,
      config: `retention.ms=${wanted}`,
    });
  }
  if (kind === 'dead-letter' && retention < wanted) {
    faults.push({
      topic,
      text: `has retention.ms ${retention} (${formatDuration(retention)}), and dead letters are to be kept for ${formatDuration(wanted)}: those that nobody looks at or replays before are gone. Where less is meant, say so by exhausted.retention.`,
      loses: false,
      config: `retention.ms=${wanted}`,
    });
  }
  const bytes = limitOf(configs, 'retention.bytes');
  if (bytes < Number.POSITIVE_INFINITY) {
    const isTier = kind === 'tier';
    const what = isTier ? 'copies are deleted, due or not' : 'dead letters are deleted, looked at or not';
    faults.push({
      topic,
      text: `has retention.bytes ${bytes}: of more than that in a partition the oldest ${what}.`,
      loses: isTier,
      config: 'retention.bytes=-1',
    });
  }
  return faults;
}

function roomFaults(
  { topic }: OwnTopic,
  configs: Configs,
  sources: readonly TopicDescription[],
): TopicFault[] {
  const room = limitOf(configs, 'max.message.bytes');
  const size = largest(
    sources.map(({ effective }) => effective),
    'max.message.bytes',
  );
  if (size === undefined || room >= size + MAX_COPY_GROWTH) return [];
  return [
    {
      topic,
      text: `has max.message.bytes ${room}, and its sources take ${size}: the copy of a large record, with its headers, is refused.`,
      loses: false,
      config: `max.message.bytes=${ROOM_FOR_COPIES}`,
    },
  ];
}

/** No limit where none is told; -1 is none. */
function limitOf(configs: Configs, name: string): number {
  const limit = Number(configs[name] ?? Number.NaN);
  return limit >= 0 ? limit : Number.POSITIVE_INFINITY;
}
