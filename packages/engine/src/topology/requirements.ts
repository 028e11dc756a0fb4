import { printable, shellWord } from '@velo/retry-core';
import type { TopicDescription } from '../binding/binding.js';
import { transactionalIdPrefix } from '../binding/transactional-id.js';
import type { ConsumerPlan } from '../plan/plan.js';
import type { Route } from '../plan/plan-topic.js';
import { replayTopic } from '../plan/topic-names.js';
import { type OwnTopic, roomForCopies, topicSpec } from './own-topics.js';
import { springGroupOf } from './spring-groups.js';
import { describeFaults, type TopicFault } from './topic-faults.js';

/** What must be there before a consumer with `topology.create: 'never'` starts, and what its user must be allowed. */
export interface ConsumerRequirements {
  /** velo's own: tiers by their wait, then the topics of dead letters. */
  readonly topics: readonly RequiredTopic[];
  /** All that is needed and no more. Kafka's READ and WRITE include DESCRIBE. */
  readonly acls: readonly RequiredAcl[];
  /** Both as commands of Apache Kafka. */
  readonly text: string;
}

export interface RequiredTopic {
  readonly topic: string;
  readonly kind: 'tier' | 'dead-letter';
  /** The topics whose records it takes. */
  readonly sources: readonly string[];
  /** As many as its widest source; `undefined` if the brokers do not tell. */
  readonly partitions: number | undefined;
  /** -1: the broker's default. */
  readonly replicationFactor: number;
  readonly configs: Readonly<Record<string, string>>;
  /** What is wrong with the topic as it is; none where it is missing, or the client cannot tell. */
  readonly faults?: readonly string[] | undefined;
}

export interface RequiredAcl {
  readonly resource: 'topic' | 'group' | 'transactional-id';
  readonly name: string;
  /** `prefixed`: all names that begin like that. */
  readonly pattern: 'literal' | 'prefixed';
  readonly operations: readonly AclOperation[];
}

/** As `kafka-acls.sh` takes them. */
export type AclOperation = 'Read' | 'Write' | 'Create' | 'Alter' | 'Describe' | 'DescribeConfigs';

export interface RequirementsOptions {
  /** Whom the ACLs are for. @default 'User:NAME' */
  readonly principal?: string | undefined;
  /** @default 'HOST:PORT' */
  readonly bootstrapServers?: string | undefined;
}

/** What the brokers tell of a source. */
export interface KnownSource extends TopicDescription {
  readonly partitions?: number | undefined;
}

export const PRINCIPAL = 'User:NAME';
export const SERVER = 'HOST:PORT';

export function requirementsOf(
  plan: ConsumerPlan,
  own: readonly OwnTopic[],
  sources: ReadonlyMap<string, KnownSource>,
  faults: readonly TopicFault[] = [],
  { principal = PRINCIPAL, bootstrapServers = SERVER }: RequirementsOptions = {},
): ConsumerRequirements {
  const topics = own.map((topic) => requiredTopic(topic, plan, sources, faults));
  const acls = requiredAcls(plan, own);
  const server = serverOption(bootstrapServers);
  const text = [
    `# Topics of consumer group ${printable(plan.groupId, 1_000)}`,
    ...topics.map((topic) => createCommand(topic, server)),
    ...(faults.length > 0 ? ['# What is there, but not as it must be', describeFaults(faults, server)] : []),
    rightsText(acls, principal, server),
  ].join('\n');
  return { topics, acls, text };
}

/** What the user of a consumer must be allowed, as commands. */
export function rightsOf(plan: ConsumerPlan, own: readonly OwnTopic[]): string {
  return rightsText(requiredAcls(plan, own), PRINCIPAL, serverOption(SERVER));
}

function rightsText(acls: readonly RequiredAcl[], principal: string, server: string): string {
  return ['# What its user must be allowed', ...acls.map((acl) => allowCommand(acl, principal, server))].join(
    '\n',
  );
}

function serverOption(bootstrapServers: string): string {
  return `--bootstrap-server ${shellWord(bootstrapServers)}`;
}

function requiredTopic(
  own: OwnTopic,
  plan: ConsumerPlan,
  known: ReadonlyMap<string, KnownSource>,
  faults: readonly TopicFault[],
): RequiredTopic {
  const sources = own.sources.map((source) => known.get(source) ?? {});
  const counts = sources.map(({ partitions }) => partitions);
  const partitions = counts.includes(undefined) ? undefined : Math.max(...(counts as number[]));
  const { topic, kind } = own;
  const { replicationFactor, configs } = topicSpec(
    own,
    partitions ?? -1,
    sources,
    plan,
    roomForCopies(sources),
  );
  const wrong = faults.filter((fault) => fault.topic === topic).map(({ text }) => `${topic} ${text}`);
  return {
    topic,
    kind,
    sources: own.sources,
    partitions,
    replicationFactor,
    configs,
    faults: wrong.length > 0 ? wrong : undefined,
  };
}

function requiredAcls(plan: ConsumerPlan, own: readonly OwnTopic[]): RequiredAcl[] {
  const { createTopics, groupId, sources } = plan;
  const idPrefix = transactionalIdPrefix(plan);
  // To make topics like their sources, and to let them grow with them.
  const looks: readonly AclOperation[] = createTopics && own.length > 0 ? ['DescribeConfigs'] : [];
  const makes: readonly AclOperation[] = createTopics ? ['Create', 'Alter'] : [];
  const literal = (resource: RequiredAcl['resource'], name: string, operations: readonly AclOperation[]) =>
    ({ resource, name, pattern: 'literal', operations }) as const;
  return [
    ...sources.map((source) => literal('topic', source, ['Read', ...looks])),
    ...own.map(({ topic, kind }) =>
      literal('topic', topic, kind === 'tier' ? ['Read', 'Write', ...makes] : ['Write', ...makes]),
    ),
    // Where dead letters come back to a group without tiers, once somebody has made it.
    ...replayed(plan).map((topic) => literal('topic', topic, createTopics ? ['Read', 'Alter'] : ['Read'])),
    literal('group', groupId, ['Read']),
    // Of Spring's groups, to take over where they have got to.
    ...own.flatMap(({ topic }) => {
      const group = springGroupOf(topic, plan);
      return group === undefined ? [] : literal('group', group, ['Describe']);
    }),
    ...(idPrefix === undefined
      ? []
      : ([
          {
            resource: 'transactional-id',
            name: idPrefix,
            pattern: 'prefixed',
            operations: ['Write', 'Describe'],
          },
        ] as const)),
  ];
}

/** The replay topics of sources whose dead letters have no tier to go back to. */
function replayed({ groupId, routes, sources }: ConsumerPlan): string[] {
  return sources
    .filter((source) => {
      const { tiers, exhausted } = routes.get(source) as Route;
      return tiers.length === 0 && exhausted.action === 'dead-letter';
    })
    .map((source) => replayTopic(source, groupId));
}

/** The command that makes a topic; what is not known is left open. */
export function createCommand(
  { topic, sources, partitions, replicationFactor, configs }: RequiredTopic,
  server = serverOption(SERVER),
): string {
  const width = partitions ?? `AS_MANY_AS_${sources.join('_OR_')}`;
  const options = [
    `--topic ${shellWord(topic)}`,
    `--partitions ${shellWord(String(width))}`,
    ...(replicationFactor > 0 ? [`--replication-factor ${replicationFactor}`] : []),
    ...Object.entries(configs).map(([name, value]) => `--config ${shellWord(`${name}=${value}`)}`),
  ];
  return `kafka-topics.sh ${server} --create --if-not-exists ${options.join(' ')}`;
}

/** The command that allows it. */
export function allowCommand(
  { resource, name, pattern, operations }: RequiredAcl,
  principal = PRINCIPAL,
  server = serverOption(SERVER),
): string {
  const options = [
    `--allow-principal ${shellWord(principal)}`,
    ...operations.map((operation) => `--operation ${operation}`),
    // With '=', since a name may begin with a dash.
    `--${resource}=${shellWord(name)}`,
    ...(pattern === 'prefixed' ? ['--resource-pattern-type prefixed'] : []),
  ];
  return `kafka-acls.sh ${server} --add ${options.join(' ')}`;
}
