import { looksLikeKafkaJs, type VeloError, wrongClient } from '@velo/engine';
import { bootstrapCount, theirPart } from './config.js';
import type { Properties } from './properties.js';
import { PROPERTY_NAMES } from './property-names.js';
import { checkValues, type Takes } from './property-values.js';
import { refusedConfig } from './refused-config.js';

export const OAUTHBEARER = /^oauthbearer$/i;

/**
 * Refuses what librdkafka would take for something else, or wait for in vain, without a word.
 *
 * @param remedy what to do where properties were expected; a sentence
 * @param token what gives tokens for SASL/OAUTHBEARER, if anything
 * @throws {VeloError} `VELO_INVALID_OPTION`
 */
export function checkProperties(takes: Takes, remedy: string, given: object, token: unknown): void {
  if (typeof given !== 'object' || given === null) throw noProperties(given, remedy);
  const theirs = theirPart(given);
  if (bootstrapCount(theirs) === 0) throw noBrokers(given, remedy);
  checkValues(takes, theirs);
  checkToken(theirs, token);
}

/** Without any property at all it is something else, such as a client of kafkajs or its options. */
function noBrokers(given: object, remedy: string): VeloError {
  const names = Object.keys(given);
  const slip = names.find((name) => !PROPERTY_NAMES.includes(name));
  if (slip === undefined && !looksLikeKafkaJs(given))
    return refusedConfig("'bootstrap.servers' is missing, as in 'kafka1:9092,kafka2:9092'");
  if (!names.some((name) => PROPERTY_NAMES.includes(name))) return noProperties(given, remedy);
  return refusedConfig(`No such configuration property: "${slip}"`);
}

function noProperties(given: unknown, remedy: string): VeloError {
  return wrongClient("librdkafka's properties", given, remedy);
}

/** librdkafka waits for a token for ever. */
function checkToken(theirs: Properties, token: unknown): void {
  if (token !== undefined && typeof token !== 'function') throw refusedConfig("'token' is no function");
  const oauth = OAUTHBEARER.test(String(theirs['sasl.mechanisms']));
  const own =
    String(theirs['enable.sasl.oauthbearer.unsecure.jwt']) === 'true' ||
    /^oidc$/i.test(String(theirs['sasl.oauthbearer.method']));
  if (oauth && !own && token === undefined)
    throw refusedConfig(
      "'sasl.mechanisms' is OAUTHBEARER, and nobody gives a token. Give createVelo a second argument with a function 'token' that resolves with one",
    );
  if (token === undefined || (oauth && !own)) return;
  throw refusedConfig(
    own
      ? "'token' is given beside a way of librdkafka's own to come by one. Leave one of them out"
      : "'token' is given, and 'sasl.mechanisms' is not OAUTHBEARER",
  );
}
