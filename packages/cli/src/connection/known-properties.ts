import { isNear, nearest, show } from '@velo/retry-core';
import { wrongSetting } from './wrong-setting.js';

/** The properties of Kafka's clients that are read. */
const READ = [
  'bootstrap.servers',
  'client.id',
  'request.timeout.ms',
  'socket.connection.setup.timeout.ms',
  'security.protocol',
  'ssl.truststore.type',
  'ssl.truststore.location',
  'ssl.truststore.certificates',
  'ssl.keystore.type',
  'ssl.keystore.location',
  'ssl.keystore.key',
  'ssl.keystore.certificate.chain',
  'ssl.key.password',
  'ssl.endpoint.identification.algorithm',
  'sasl.mechanism',
  'sasl.jaas.config',
  'sasl.oauthbearer.token.endpoint.url',
  'sasl.oauthbearer.client.credentials.client.id',
  'sasl.oauthbearer.client.credentials.client.secret',
  'sasl.oauthbearer.scope',
] as const;

export type PropertyName = (typeof READ)[number];

/** What Kafka's clients know besides, and what changes nothing here: the way to brokers is the same without. */
const PASSED_OVER = new Set([
  'security.providers',
  'ssl.truststore.password',
  'ssl.keystore.password',
  'ssl.protocol',
  'ssl.enabled.protocols',
  'ssl.provider',
  'ssl.keymanager.algorithm',
  'ssl.trustmanager.algorithm',
  'ssl.secure.random.implementation',
  'sasl.login.callback.handler.class',
  'sasl.client.callback.handler.class',
  'sasl.login.class',
  'socket.connection.setup.timeout.max.ms',
  'client.dns.lookup',
  'client.rack',
]);

/** Of these a slip would change how, or to whom, one connects; all others are other programs'. */
const OF_THE_CONNECTION = /^(?:bootstrap|security|ssl|sasl)\./;
const PASSED_OVER_FAMILY =
  /^sasl\.(?:kerberos|login\.(?:refresh|connect|read|retry)|oauthbearer\.(?:jwks|jwt|expected|clock|header|sub|scope\.claim|assertion))\./;

/** @throws {CliError} for a name that is a slip of one that is read, or of no property of the connection */
export function checkPropertyNames(properties: ReadonlyMap<string, string>, setting: string): void {
  for (const name of properties.keys()) {
    if ((READ as readonly string[]).includes(name) || PASSED_OVER.has(name) || PASSED_OVER_FAMILY.test(name))
      continue;
    if (!OF_THE_CONNECTION.test(name) && !READ.some((each) => isNear(each, name))) continue;
    throw wrongSetting(
      setting,
      `there is no property ${show(name)} that velo reads`,
      `Did you mean ${nearest(name, READ)}? Read are ${READ.join(', ')}.`,
    );
  }
}
