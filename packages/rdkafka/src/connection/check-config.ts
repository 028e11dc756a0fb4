import { foreignMessage } from '@velo/retry-core';
import type { RdKafka, RdKafkaProperties } from '../api.js';
import { refusedConfig } from '../errors.js';
import { bootstrapCount, consumerConfig, producerConfig, type RdKafkaConfig, theirPart } from './config.js';
import { checkValues } from './property-values.js';
import type { TokenSource } from './token-keeper.js';
import { OAUTHBEARER } from './with-token.js';

/**
 * Lets librdkafka look at a configuration without connecting. Whether properties fit each other, and whether files can
 * be read, it says only to a client that connects: see `Handle`.
 *
 * @throws {VeloError} `VELO_INVALID_OPTION`, naming a property that it does not know, or whose value it refuses
 */
export function checkConfig(library: RdKafka, given: object, token?: TokenSource): void {
  if (typeof given !== 'object' || given === null) throw refusedConfig('it is no object of properties');
  const theirs = theirPart(given);
  if (bootstrapCount(theirs) === 0)
    throw refusedConfig("'bootstrap.servers' is missing, as in 'kafka1:9092,kafka2:9092'");
  checkValues(library, theirs);
  checkToken(theirs, token);
  const producer = producerConfig(given);
  attempt(() => new library.Producer(producer.global, producer.topic));
  attempt(() => construct(library, consumerConfig(given, 'check')));
}

/** The same for the properties of one consumer, `client`, over the given ones. */
export function checkConsumerConfig(library: RdKafka, given: object, client: object = {}): void {
  checkValues(library, theirPart(client));
  attempt(() => construct(library, consumerConfig(given, 'check', client)));
}

/** librdkafka waits for a token for ever. */
function checkToken(theirs: RdKafkaProperties, token: TokenSource | undefined): void {
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

function construct({ KafkaConsumer }: RdKafka, { global, topic }: RdKafkaConfig): unknown {
  return new KafkaConsumer(global, topic);
}

function attempt(create: () => unknown): void {
  try {
    create();
  } catch (error) {
    throw refusedConfig(foreignMessage(error).trim(), error);
  }
}
