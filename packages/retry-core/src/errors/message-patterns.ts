import type { ErrorCategory } from '../error-category.js';

/** A text in lower case that tells the category of the message it stands in. */
export interface MessagePattern {
  readonly text: string;
  /** 0 is the most telling: of all that a message holds, the lowest rank decides. */
  readonly rank: number;
  /** Else only at the beginning of a message. */
  readonly anywhere: boolean;
}

/**
 * What to look for, most telling first. The specification has the first two and "auth|permission"; of the others only
 * Node's codes and kafkajs's missing topic come before that: "getaddrinfo ENOTFOUND auth.example" is the network's.
 *
 * A short text that may stand anywhere costs every message more than all the long ones (`rankOfMessage`): "EPIPE" and
 * "SASL " are looked for where Node and kafkajs have them.
 */
const RANKS: readonly (readonly [category: ErrorCategory, anywhere: string, atHead?: string])[] = [
  ['TopicMissing', 'unknown topic|topic does not exist|topic not found'],
  ['NetworkIssue', 'network|connection|broker'],
  ['NetworkIssue', 'econnrefused|econnreset|enotfound|etimedout|eai_again|read epipe|write epipe', 'epipe'],
  // kafkajs: "This server does not host this topic-partition".
  ['TopicMissing', 'does not host this topic'],
  // "auth" covers "unauthorized".
  ['AuthenticationIssue', 'auth|permission'],
  // kafkajs: "The producer is disconnected", "Not connected", "The request timed out"; Node: "socket hang up".
  ['NetworkIssue', 'disconnect|not connected|failed to connect|timed out|socket hang up'],
  // kafkajs: "SASL PLAIN: Invalid username or password".
  ['AuthenticationIssue', '', 'sasl '],
];

const split = (texts: string, rank: number, anywhere: boolean): MessagePattern[] =>
  texts === '' ? [] : texts.split('|').map((text) => ({ text, rank, anywhere }));

export const messagePatterns: readonly MessagePattern[] = /* @__PURE__ */ RANKS.flatMap(
  ([, anywhere, atHead = ''], rank) => [...split(anywhere, rank, true), ...split(atHead, rank, false)],
);

/** Of a message without a pattern. */
export const NO_RANK = 7;

export function categoryOfRank(rank: number): ErrorCategory {
  return RANKS[rank]?.[0] ?? 'Unknown';
}
