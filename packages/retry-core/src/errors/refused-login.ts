import { findRootCause } from './root-cause.js';
import { readText } from './safe-read.js';

/** Codes of a client that did not get as far as permissions: SASL mechanism, SASL state, credentials; TLS. */
const CODES: readonly number[] = [33, 34, 58, -169, -181];
/** Where no code says it: of kafkajs's SASL errors, of TLS's. */
const WORDS = /\b(sasl|ssl|tls|certificate|handshake|credentials?|authentication)\b/i;
const RIGHTS = /authoriz/i;
/** As much of a message as is looked at. */
const LOOKED_AT = 512;

/**
 * Whether the brokers have not let the client in at all: its credentials, its way to show them, or its certificates. No
 * permission helps then, which other errors of authentication are about.
 */
export function isRefusedLogin(error: unknown): boolean {
  const { category, code, source } = findRootCause(error);
  if (category !== 'AuthenticationIssue') return false;
  if (code !== undefined) return CODES.includes(code);
  const message = (typeof source === 'string' ? source : readText(source, 'message')).slice(0, LOOKED_AT);
  return WORDS.test(`${readText(source, 'name')} ${message}`) && !RIGHTS.test(message);
}
