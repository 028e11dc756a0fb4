import type { KafkaErrorVerdict } from './classify-kafka-error.js';
import { shellWord } from './printable.js';

/** What an explanation may name; empty where it is not known. */
export interface ExplainedContext {
  readonly topic: string;
  readonly groupId: string;
  readonly bootstrapServers: string;
  readonly partitions: number;
  readonly replicationFactor: number;
}

const MAX_PROBED_SERVERS = 3;

/** Codes by which a broker says what the permission is missing for. */
const GROUP_AUTHORIZATION_FAILED = 30;
const CLUSTER_AUTHORIZATION_FAILED = 31;
const TRANSACTIONAL_ID_AUTHORIZATION_FAILED = 53;

const MESSAGE_TOO_LARGE = 10;
const INVALID_TOPIC_EXCEPTION = 17;

/** Two members of a group with one `group.instance.id`. */
const FENCED_INSTANCE_ID = 82;

/** Codes of a client that did not get as far as permissions: SASL mechanism, SASL state, credentials, TLS. */
const NOT_LOGGED_IN: readonly number[] = [33, 34, 58, -169, -181];

/** What to do, one entry a line. The commands are those of Apache Kafka, where a download has them as `kafka-….sh`. */
export function adviceFor(verdict: KafkaErrorVerdict, context: ExplainedContext): readonly string[] {
  switch (verdict.category) {
    case 'TopicMissing':
      return topicAdvice(context);
    case 'NetworkIssue':
      return networkAdvice(context);
    case 'AuthenticationIssue':
      return authenticationAdvice(verdict, context);
    case 'ConfigurationIssue':
      return configurationAdvice(verdict, context);
    case 'Unknown':
      return unknownAdvice(context);
  }
}

function topicAdvice(context: ExplainedContext): readonly string[] {
  const { partitions, replicationFactor } = context;
  const option = topicOption(context);
  const at = bootstrapOption(context);
  return [
    ...(/^[\w.-]*$/.test(context.topic)
      ? []
      : ['This is no legal topic name (letters, digits, ".", "_", "-"): check the spelling first.']),
    `See which topics there are: kafka-topics --list ${at}`,
    `Create it: kafka-topics --create ${option} --partitions ${partitions} --replication-factor ${replicationFactor} ${at}`,
    'Or let velo wait until somebody creates it: set topic.wait.timeout, for example topic.wait.timeout=60s (default 0: do not wait).',
    'If it exists: the client may lack the permission to describe it, or ask another cluster.',
  ];
}

function networkAdvice(context: ExplainedContext): readonly string[] {
  const probes = hostsOf(context).map(([host, port]) => `nc -vz ${shellWord(host)} ${port}`);
  return [
    `Check the bootstrap servers${named(context)}: right hosts and ports, brokers running?`,
    `Check connectivity from this machine: ${probes.join('; ') || 'nc -vz HOST 9092'}`,
    'Check firewall, DNS and security groups; and that advertised.listeners of each broker can be reached from here.',
    `Check the cluster: kafka-topics --describe --unavailable-partitions ${bootstrapOption(context)}`,
  ];
}

function authenticationAdvice({ code }: KafkaErrorVerdict, context: ExplainedContext): readonly string[] {
  const [host, port] = hostsOf(context)[0] ?? ['HOST', '9092'];
  const settings = [
    'Check the SASL/SSL settings: security protocol, SASL mechanism, user name and password or token.',
    `Check the certificates and their dates: openssl s_client -connect ${shellWord(`${host}:${port}`)}`,
  ];
  if (code !== undefined && NOT_LOGGED_IN.includes(code)) return settings;
  const { resource, operations } = permission(code, context);
  const at = bootstrapOption(context);
  return [
    `Check the permissions: kafka-acls --list ${resource} ${at}`,
    `Grant what is missing: kafka-acls --add --allow-principal User:NAME ${operations} ${resource} ${at}`,
    ...settings,
  ];
}

function permission(
  code: number | undefined,
  context: ExplainedContext,
): { resource: string; operations: string } {
  switch (code) {
    case GROUP_AUTHORIZATION_FAILED:
      return { resource: groupOption(context), operations: '--operation Read' };
    case CLUSTER_AUTHORIZATION_FAILED:
      return { resource: '--cluster', operations: '--operation IdempotentWrite --operation Create' };
    case TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
      return { resource: '--transactional-id ID', operations: '--operation Write --operation Describe' };
    default:
      return {
        resource: topicOption(context),
        operations: '--operation Read --operation Write --operation Describe',
      };
  }
}

function configurationAdvice(
  { code, action }: KafkaErrorVerdict,
  context: ExplainedContext,
): readonly string[] {
  if (code === FENCED_INSTANCE_ID)
    return [
      'Give each member of the group a group.instance.id of its own, such as the name of its pod, or none.',
      `See who has it: kafka-consumer-groups --describe --members ${groupOption(context)} ${bootstrapOption(context)}`,
    ];
  const settings = [
    `Check bootstrap.servers${named(context)}: the cluster meant, of a version that knows the request?`,
    'Check the setting or argument that the original error names, in the client and on the broker.',
  ];
  if (code === INVALID_TOPIC_EXCEPTION) return [...nameAdvice(context), ...settings];
  if (action !== 'dead-letter') return settings;
  return [
    'Look at the record: its size, its timestamp, its key, its encoding.',
    `Compare with the limits of the topic: kafka-configs --describe --all ${topicOption(context)} ${bootstrapOption(context)}`,
    ...(code === MESSAGE_TOO_LARGE
      ? [
          `Let the topic take larger records: kafka-configs --alter ${topicOption(context)} --add-config max.message.bytes=104857600 ${bootstrapOption(context)}`,
        ]
      : []),
    ...settings,
  ];
}

function nameAdvice(context: ExplainedContext): readonly string[] {
  return [
    'Check the name: at most 249 letters, digits, ".", "_" and "-".',
    `See whether it collides with another that differs in "." and "_" alone, which Kafka holds to be the same: kafka-topics --list ${bootstrapOption(context)}`,
  ];
}

function unknownAdvice(context: ExplainedContext): readonly string[] {
  return [
    'Read the broker logs at the time of the error; they say more than the client is told.',
    'Keep to a conservative retry: few attempts, growing waits; then look into it.',
    context.groupId === ''
      ? `Check the cluster: kafka-topics --describe --under-replicated-partitions ${bootstrapOption(context)}`
      : `Check the group: kafka-consumer-groups --describe ${groupOption(context)} ${bootstrapOption(context)}`,
  ];
}

function named({ bootstrapServers }: ExplainedContext): string {
  return bootstrapServers === '' ? '' : ` (${bootstrapServers})`;
}

/** Host and port of the first bootstrap servers. */
function hostsOf({ bootstrapServers }: ExplainedContext): readonly (readonly [host: string, port: string])[] {
  return bootstrapServers.split(',', MAX_PROBED_SERVERS).flatMap((server) => {
    const parts = /^\s*(?:\w+:\/\/)?\[?([\w.:-]+?)\]?:(\d{1,5})\s*$/.exec(server);
    return parts ? [[parts[1] as string, parts[2] as string] as const] : [];
  });
}

function bootstrapOption({ bootstrapServers }: ExplainedContext): string {
  return `--bootstrap-server ${shellWord(bootstrapServers || 'HOST:9092')}`;
}

function topicOption({ topic }: ExplainedContext): string {
  return option('topic', topic || 'TOPIC');
}

function groupOption({ groupId }: ExplainedContext): string {
  return option('group', groupId || 'GROUP');
}

/** A value that starts with a dash would be read as an option of its own. */
function option(name: string, value: string): string {
  return value.startsWith('-') ? `--${name}=${shellWord(value)}` : `--${name} ${shellWord(value)}`;
}
