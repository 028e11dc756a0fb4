import { isVeloError } from '../velo-error.js';
import { asText } from './as-text.js';
import { classifyKafkaError, type KafkaErrorVerdict } from './classify-kafka-error.js';
import { CODE_EXPLANATIONS, type CodeExplanation, REFUSED_LOGIN } from './code-explanations.js';
import { adviceFor } from './explanation-advice.js';
import type { ExplainedContext } from './explanation-commands.js';
import { findKafkaError } from './find-kafka-error.js';
import { foreignText } from './foreign-text.js';
import { printable, printableLines } from './printable.js';
import type { RecoveryAction } from './recovery-action.js';
import { isRefusedLogin } from './refused-login.js';
import { findRootCause } from './root-cause.js';
import { isObject, readArray, readProperty, readText } from './safe-read.js';

/** What is known beside the error; whatever is left out is taken from the error, or left open in the commands. */
export interface ExplainContext {
  readonly topic?: string;
  /** For the command that creates the topic. @default 6 */
  readonly partitions?: number;
  /** For the command that creates the topic. @default 3 */
  readonly replicationFactor?: number;
  readonly bootstrapServers?: string | readonly string[];
  readonly groupId?: string;
}

/** Limits of what is quoted, in characters. The whole explanation stays under 8,192. */
const MAX_MESSAGE = 500;
const MAX_NAME = 249;

const HEADLINES = {
  TopicMissing: 'Kafka topic missing',
  NetworkIssue: 'Kafka cannot be reached, or part of it is not available',
  AuthenticationIssue: 'Kafka refused access',
  ConfigurationIssue: 'Kafka refused the request: configuration problem',
  Unknown: 'Kafka failed for an unclear reason',
} as const;

/** The line that each explanation has: an error whose message is one is not explained again. */
const WHAT_TO_DO = 'What to do:';
const MOST = 8_191;

/** Whether retrying helps, where the code asks for more than the category says. */
const ACTION_HELPS: Readonly<Partial<Record<RecoveryAction, string>>> = {
  'abort-transaction': 'not by itself. Abort the transaction, then do its work again.',
  'restart-client': 'not with this client. Make a new producer or consumer; velo does so by itself.',
  'dead-letter': 'no. This record will never be accepted; it belongs in the dead-letter topic.',
};

const CATEGORY_HELPS = {
  TopicMissing: 'yes, as soon as the topic exists.',
  NetworkIssue: 'yes. Such errors pass, or end when the network is mended.',
  AuthenticationIssue: "no, this won't resolve with retry. Credentials or permissions must change.",
  ConfigurationIssue: "no, this won't resolve with retry. A setting or the request must change.",
  Unknown: 'perhaps. A conservative retry (few attempts, growing waits) is reasonable.',
} as const;

/**
 * Several lines for an operator at night: what happened and to which topic, the original error, whether retrying helps,
 * and what to do, with commands that can be pasted. Names are quoted for the shell, control characters taken out.
 * Takes any value and never throws.
 */
export function explainKafkaError(error: unknown, context?: ExplainContext): string {
  const told = isVeloError(error) ? readText(error, 'message') : '';
  if (told.includes(`\n${WHAT_TO_DO}\n`)) return printableLines(told).slice(0, MOST);
  const verdict = classifyKafkaError(error);
  const own = isRefusedLogin(error) ? REFUSED_LOGIN : CODE_EXPLANATIONS.get(verdict.code);
  const known = readContext(error, context);
  const lines = [
    headline(verdict, known, own),
    `Original error: ${describe(error)}`,
    `Does retrying help? ${capitalize(own?.helps ?? retryHelps(verdict))}`,
    WHAT_TO_DO,
    ...(own?.advice(known) ?? adviceFor(verdict, known)).map((advice) => `  - ${advice}`),
  ];
  return lines.join('\n');
}

function headline(
  { category, code, name }: KafkaErrorVerdict,
  { topic, groupId }: ExplainedContext,
  own: CodeExplanation | undefined,
): string {
  const about = [topic && `topic "${topic}"`, groupId && `group "${groupId}"`].filter(Boolean).join(', ');
  const row = code === undefined ? undefined : findKafkaError(code);
  const which =
    code === undefined ? '' : `\n${name ?? 'Unknown code'} (${code})${row ? `: ${row.description}.` : ''}`;
  return `${own?.headline ?? HEADLINES[category]}${about === '' ? '' : `: ${about}`}${which}`;
}

function retryHelps({ action, category, retry }: KafkaErrorVerdict): string {
  if (retry && (category === 'AuthenticationIssue' || category === 'ConfigurationIssue'))
    return CATEGORY_HELPS.Unknown;
  if (action === 'fix-configuration' && category === 'Unknown') return CATEGORY_HELPS.ConfigurationIssue;
  return ACTION_HELPS[action] ?? CATEGORY_HELPS[category];
}

/** Class and message of the error, and of its root cause where that differs. */
function describe(error: unknown): string {
  const outer = describeOne(error);
  const inner = describeOne(findRootCause(error).source);
  return inner === outer ? outer : `${outer}\n  caused by: ${inner}`;
}

function describeOne(error: unknown): string {
  if (typeof error === 'string') return foreignText(error, MAX_MESSAGE) || '(empty text)';
  const name = foreignText(readText(error, 'name'), 80);
  const message = foreignText(readText(error, 'message'), MAX_MESSAGE);
  const text = [name, message].filter(Boolean).join(': ');
  if (text !== '') return text;
  return isObject(error) ? '(an object without a message)' : foreignText(asText(error), 80);
}

function readContext(error: unknown, context: ExplainContext | undefined): ExplainedContext {
  const listed = readArray(context, 'bootstrapServers', 16).filter((each) => typeof each === 'string');
  const servers = readText(context, 'bootstrapServers') || listed.join(',');
  return {
    topic: name(readText(context, 'topic')) || topicOf(error),
    groupId: name(readText(context, 'groupId')),
    bootstrapServers: foreignText(servers, 300),
    partitions: positiveInteger(readProperty(context, 'partitions'), 6),
    replicationFactor: positiveInteger(readProperty(context, 'replicationFactor'), 3),
  };
}

/** kafkajs has the topic on some errors; librdkafka and platformatic name it in the message. */
function topicOf(error: unknown): string {
  const { source } = findRootCause(error);
  const told = readText(source, 'topic') || readText(error, 'topic');
  const named = /(?:^Unknown topic|topic or partition:) "?([\w.-]{1,249}?)"?\.?$/i.exec(
    readText(source, 'message').slice(0, 512),
  );
  return name(told || (named?.[1] ?? ''));
}

function name(text: string): string {
  return printable(text, MAX_NAME);
}

function positiveInteger(value: unknown, otherwise: number): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : otherwise;
}

function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
