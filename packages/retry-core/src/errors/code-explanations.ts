import {
  bootstrapOption,
  type ExplainedContext,
  groupOption,
  hostsOf,
  topicOption,
} from './explanation-commands.js';
import { shellWord } from './printable.js';

/** What an operator is told of one code, where the words of its category would lead astray. */
export interface CodeExplanation {
  readonly headline: string;
  /** Whether retrying helps, and whether anything is lost. @default as the category says */
  readonly helps?: string;
  /** One entry a line. */
  readonly advice: (context: ExplainedContext) => readonly string[];
}

const NO_LEADER: CodeExplanation = {
  headline: 'Kafka partition offline: no broker leads it at present',
  helps:
    'yes, as soon as a broker leads it again. Its records wait where they are; other partitions are not concerned.',
  advice: (context) => [
    `See which partitions are offline: kafka-topics --describe --unavailable-partitions ${bootstrapOption(context)}`,
    'Bring back the brokers that hold its replicas; right after a broker has stopped, or a topic was made, it takes a moment.',
    `Only if they are gone for good: kafka-leader-election --election-type unclean ${topicOption(context)} --partition N ${bootstrapOption(context)} (it loses what was not replicated).`,
  ],
};

const TOO_FEW_IN_SYNC: CodeExplanation = {
  headline: 'Kafka took no write: too few replicas are in sync',
  helps: 'yes, as soon as the replicas have caught up. What is read is not concerned.',
  advice: (context) => [
    `See which partitions lag: kafka-topics --describe --under-min-isr-partitions ${bootstrapOption(context)}`,
    `Bring back the brokers that are away; min.insync.replicas must not be above the replication factor: kafka-configs --describe --all ${topicOption(context)} ${bootstrapOption(context)}`,
  ],
};

/** Of a client that was not let in at all: permissions would not help it. */
export const REFUSED_LOGIN: CodeExplanation = {
  headline: 'Kafka refused the credentials, or no secure connection came about',
  helps: "no, this won't resolve with retry. The credentials, or the certificates, must change.",
  advice: (context) => {
    const [host, port] = hostsOf(context)[0] ?? ['HOST', '9092'];
    return [
      'Check the SASL/SSL settings: security protocol, SASL mechanism, user name and password or token.',
      `Check the certificates and their dates: openssl s_client -connect ${shellWord(`${host}:${port}`)}`,
    ];
  },
};

/** By Kafka's code. */
export const CODE_EXPLANATIONS: ReadonlyMap<number | undefined, CodeExplanation> = /* @__PURE__ */ new Map<
  number | undefined,
  CodeExplanation
>([
  // LEADER_NOT_AVAILABLE
  [5, NO_LEADER],
  // INVALID_TOPIC_EXCEPTION
  [
    17,
    {
      headline: 'Kafka refused the name of a topic',
      advice: (context) => [
        'Check the name: at most 249 letters, digits, ".", "_" and "-".',
        `See whether it collides with another that differs in "." and "_" alone, which Kafka holds to be the same: kafka-topics --list ${bootstrapOption(context)}`,
      ],
    },
  ],
  // NOT_ENOUGH_REPLICAS, NOT_ENOUGH_REPLICAS_AFTER_APPEND
  [19, TOO_FEW_IN_SYNC],
  [20, TOO_FEW_IN_SYNC],
  // INCONSISTENT_GROUP_PROTOCOL: also to a group id that a share group has.
  [
    23,
    {
      headline: 'Kafka did not let this member into its group: the others there speak another protocol',
      helps:
        "no, this won't resolve with retry while they are there. Nothing is lost: what the group has committed stays.",
      advice: (context) => [
        'Members of another client, or a share group, have this group id: stop them, or wait for their session timeout; or choose another group id.',
        `See who they are: kafka-consumer-groups --describe --members ${groupOption(context)} ${bootstrapOption(context)}`,
        `See whether it is a share group: kafka-share-groups --describe --members ${groupOption(context)} ${bootstrapOption(context)}`,
        'If they are of the same client: let old and new members have one assignor in common while the assignors are changed.',
      ],
    },
  ],
  // GROUP_MAX_SIZE_REACHED
  [
    81,
    {
      headline: 'Kafka did not let this member into its group: the group is full',
      helps:
        "no, this won't resolve with retry until a member has left. Nothing is lost: the other members read on.",
      advice: (context) => [
        `See its members: kafka-consumer-groups --describe --members ${groupOption(context)} ${bootstrapOption(context)}`,
        'Start no more members than the topics have partitions: those beyond that are given nothing to read.',
        'Members that were killed are counted until their session timeout: wait for it.',
        'Or raise group.max.size in the configuration of each broker, which takes effect when it is restarted.',
      ],
    },
  ],
  // FENCED_INSTANCE_ID
  [
    82,
    {
      headline: 'Kafka has put this member out of its group: another one has its group.instance.id',
      helps:
        "no, this won't resolve with retry. Nothing is lost: the other member goes on from what was committed.",
      advice: (context) => [
        'Give each member of the group a group.instance.id of its own, such as the name of its pod, or none.',
        `See who has it: kafka-consumer-groups --describe --members ${groupOption(context)} ${bootstrapOption(context)}`,
      ],
    },
  ],
  // UNRELEASED_INSTANCE_ID
  [
    111,
    {
      headline: 'Kafka did not let this member into its group: another one has its group.instance.id',
      helps:
        'yes, once the other member has gone. Nothing is lost: the other member reads on, and this one after it.',
      advice: (context) => [
        'A member that was killed keeps its id until its session timeout (group.consumer.session.timeout.ms of the brokers): wait for it.',
        'If the other one lives: give each member of the group a group.instance.id of its own, such as the name of its pod, or none.',
        `See who has it: kafka-consumer-groups --describe --members ${groupOption(context)} ${bootstrapOption(context)}`,
      ],
    },
  ],
]);
