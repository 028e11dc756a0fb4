import type { KafkaErrorVerdict } from './classify-kafka-error.js';
import { REFUSED_LOGIN } from './code-explanations.js';
import {
  bootstrapOption,
  type ExplainedContext,
  groupOption,
  hostsOf,
  topicOption,
} from './explanation-commands.js';
import { shellWord } from './printable.js';

/** Codes by which a broker says what the permission is missing for. */
const GROUP_AUTHORIZATION_FAILED = 30;
const CLUSTER_AUTHORIZATION_FAILED = 31;
const TRANSACTIONAL_ID_AUTHORIZATION_FAILED = 53;

const MESSAGE_TOO_LARGE = 10;

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
  const { resource, operations } = permission(code, context);
  const at = bootstrapOption(context);
  return [
    `Check the permissions: kafka-acls --list ${resource} ${at}`,
    `Grant what is missing: kafka-acls --add --allow-principal User:NAME ${operations} ${resource} ${at}`,
    ...REFUSED_LOGIN.advice(context),
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
  const settings = [
    `Check bootstrap.servers${named(context)}: the cluster meant, of a version that knows the request?`,
    'Check the setting or argument that the original error names, in the client and on the broker.',
  ];
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
