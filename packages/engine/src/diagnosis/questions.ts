import { type Clock, explainKafkaError, foreignMessage, formatDuration, runAttempt } from '@velo/retry-core';
import { needsRights } from '../failures/client-error.js';
import { allowCommand, type RequiredAcl } from '../topology/requirements.js';
import type { Finding, FindingCheck } from './finding.js';

/** Something that is asked of the brokers. */
export interface Question {
  readonly check: FindingCheck;
  readonly subject: string;
  /** What is asked, for people: `whether it exists`. */
  readonly what: string;
  readonly topic?: string | undefined;
  readonly groupId?: string | undefined;
  /** What the user must be allowed. */
  readonly right?: RequiredAcl | undefined;
  /** Whether the consumer needs that right as well; it does where this is left out. */
  readonly needed?: boolean | undefined;
}

/** The answer, or why there is none. */
export type Answer<T> = { readonly value: T } | { readonly value?: undefined; readonly finding: Finding };

export interface QuestionsOptions {
  /** For one question, ms. */
  readonly limit: number;
  readonly signal: AbortSignal;
  readonly clock: Clock;
}

/** Asks brokers, each question within its limit; what is refused or not answered is a finding. */
export class Questions {
  readonly #options: QuestionsOptions;

  constructor(options: QuestionsOptions) {
    this.#options = options;
  }

  get limit(): number {
    return this.#options.limit;
  }

  /** @throws the signal's reason */
  async ask<T>(question: Question, run: () => Promise<T>): Promise<Answer<T>> {
    const { limit, signal, clock } = this.#options;
    signal.throwIfAborted();
    const end = await runAttempt(run, 1, signal, limit, clock);
    signal.throwIfAborted();
    if (end.ended === 'success') return { value: end.result };
    if (end.ended === 'failure') return { finding: refused(question, end.error) };
    return { finding: unanswered(question, limit) };
  }
}

/** What is not known says nothing against the group, unless nothing is known without. */
const statusOf = ({ check }: Question) => (check === 'connection' ? 'problem' : 'unknown');

function unanswered(question: Question, limit: number): Finding {
  const { check, subject, what } = question;
  return {
    check,
    subject,
    status: statusOf(question),
    text: `The brokers have not told within ${formatDuration(limit)} ${what}.`,
    remedy: orRights(
      question,
      'See that they can be reached and answer, and ask again; `timeout` gives them longer.',
    ),
  };
}

function refused(question: Question, error: unknown): Finding {
  const { check, subject, what, topic, groupId, right, needed = true } = question;
  const message = foreignMessage(error);
  const about = { check, subject, data: { error: message } };
  if (needsRights(error) && right !== undefined) {
    const rights = right.operations.join(' and ');
    return {
      ...about,
      status: needed ? 'problem' : 'unknown',
      text: `The user may not ask ${what}: the right ${rights} on ${right.resource} ${right.name} is missing (${message}).`,
      remedy: allowCommand(right),
    };
  }
  const explanation = explainKafkaError(error, {
    ...(topic !== undefined && { topic }),
    ...(groupId !== undefined && { groupId }),
  });
  return {
    ...about,
    status: needsRights(error) ? 'problem' : statusOf(question),
    text: `The brokers do not tell ${what}: ${message}.`,
    remedy: orRights(question, explanation),
  };
}

/** A client whose user may not know of a group says mostly that nobody coordinates it, or waits for whoever does. */
function orRights({ right }: Question, remedy: string): string {
  if (right?.resource !== 'group') return remedy;
  return `Where the user may lack the right: ${allowCommand(right)}\n${remedy}`;
}

export const onTopic = (name: string, ...operations: RequiredAcl['operations']): RequiredAcl => ({
  resource: 'topic',
  name,
  pattern: 'literal',
  operations,
});

export const onGroup = (name: string, ...operations: RequiredAcl['operations']): RequiredAcl => ({
  resource: 'group',
  name,
  pattern: 'literal',
  operations,
});
