import { shellWord } from '@velo/retry-core';
import { CliError } from '../cli-error.js';
import { EXIT } from '../exit-codes.js';
import type { Environment } from '../terminal/writer.js';
import { checkPropertyNames, type PropertyName } from './known-properties.js';
import { readPropertiesFile, readPropertiesText } from './properties-file.js';
import { wrongSetting } from './wrong-setting.js';

/** What the command line says of the connection. */
export interface ConnectionFlags {
  readonly brokers?: string | undefined;
  readonly config?: string | undefined;
  /** `name=value`; they win over the file's. */
  readonly property?: readonly string[] | undefined;
  readonly debug?: boolean | undefined;
}

/** Properties that no command line may hold: every user of the machine can see it. */
const SECRET: readonly string[] = [
  'sasl.jaas.config',
  'ssl.key.password',
  'ssl.keystore.key',
  'sasl.oauthbearer.client.credentials.client.secret',
];

/** How to connect, from all places where that may be said. */
export interface Settings {
  readonly brokers: readonly string[];
  get(name: PropertyName): string | undefined;
  /** From `VELO_SASL_USERNAME` and `VELO_SASL_PASSWORD`. */
  readonly login: { readonly username: string; readonly password: string } | undefined;
}

/**
 * The command line goes before the environment: `--brokers`, `--property`, then the file of `--config`; where there is none,
 * `VELO_BROKERS`, `VELO_PROPERTIES` and the file of `VELO_CONFIG`.
 *
 * @throws {CliError} for what cannot be read, is not known, or leaves the brokers unnamed
 */
export async function readSettings(flags: ConnectionFlags, env: Environment): Promise<Settings> {
  const properties = new Map<string, string>();
  const merge = (more: ReadonlyMap<string, string>, setting: string) => {
    checkPropertyNames(more, setting);
    for (const [name, value] of more) properties.set(name, value);
  };
  if (flags.config !== undefined)
    merge(await readPropertiesFile(flags.config, '--config'), `--config (${shellWord(flags.config)})`);
  else {
    if (isSaid(env.VELO_CONFIG))
      merge(
        await readPropertiesFile(env.VELO_CONFIG, 'VELO_CONFIG'),
        `VELO_CONFIG (${shellWord(env.VELO_CONFIG)})`,
      );
    if (isSaid(env.VELO_PROPERTIES))
      merge(readPropertiesText(env.VELO_PROPERTIES, 'VELO_PROPERTIES'), 'VELO_PROPERTIES');
    if (isSaid(env.VELO_BROKERS)) properties.set('bootstrap.servers', env.VELO_BROKERS);
  }
  merge(propertiesOf(flags.property ?? []), '--property');
  if (flags.brokers !== undefined) properties.set('bootstrap.servers', flags.brokers);
  // Of one command line or one environment: a file that was named says who its user is.
  const login = flags.config !== undefined && properties.has('sasl.jaas.config') ? undefined : loginOf(env);
  return {
    brokers: brokersOf(properties.get('bootstrap.servers')),
    get: (name) => properties.get(name),
    login,
  };
}

function isSaid(text: string | undefined): text is string {
  return text !== undefined && text.trim() !== '';
}

function propertiesOf(given: readonly string[]): Map<string, string> {
  const properties = new Map<string, string>();
  for (const text of given) {
    const [, name = '', value = ''] = /^\s*([^=\s]+)\s*=(.*)$/s.exec(text) ?? [];
    if (name === '')
      throw new CliError(
        EXIT.usage,
        '--property must be of the form name=value, such as security.protocol=SSL. Nothing was connected to.',
      );
    if (SECRET.includes(name))
      throw new CliError(
        EXIT.usage,
        `--property may not hold ${name}: all users of this machine can read command lines. Nothing was connected to. Put it into the file of --config, or a password into VELO_SASL_PASSWORD.`,
      );
    properties.set(name, value.trim());
  }
  return properties;
}

function loginOf({ VELO_SASL_USERNAME: username, VELO_SASL_PASSWORD: password }: Environment) {
  if (username === undefined && password === undefined) return undefined;
  if (username !== undefined && password !== undefined) return { username, password };
  throw wrongSetting(
    username === undefined ? 'VELO_SASL_PASSWORD' : 'VELO_SASL_USERNAME',
    'the other one of user and password is missing',
    'Set both VELO_SASL_USERNAME and VELO_SASL_PASSWORD.',
  );
}

/** A name, an IPv4 address, or an IPv6 address in brackets; Kafka's tools take a listener's name before it as well. */
const BROKER = /^(?:[A-Z_]+:\/\/)?((?:\[[\da-f:.%\w]+\]|[\w.-]+)):(\d{1,5})$/i;

function brokersOf(text: string | undefined): string[] {
  if (!isSaid(text))
    throw new CliError(
      EXIT.usage,
      'No brokers were named, so nothing was connected to. Pass --brokers HOST:PORT, set VELO_BROKERS, or name a file that has bootstrap.servers by --config.',
    );
  return text
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '')
    .map((each) => {
      const [, host, port] = BROKER.exec(each) ?? [];
      if (host === undefined || Number(port) < 1 || Number(port) > 65_535)
        throw wrongSetting(
          'bootstrap.servers',
          `${JSON.stringify(each.slice(0, 200))} is no HOST:PORT`,
          'Write it as in localhost:9092,[::1]:9093.',
        );
      return `${host}:${port}`;
    });
}
