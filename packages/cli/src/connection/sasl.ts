import type { SASLOptions } from 'kafkajs';
import { type JaasLogin, parseJaas } from './jaas.js';
import { fetchToken } from './oauth.js';
import type { Secrets } from './secrets.js';
import type { Settings } from './settings.js';
import { wrongSetting } from './wrong-setting.js';

/** The mechanisms that the client has, each with the login module that Kafka's properties name for it. */
const MODULES: Readonly<Record<string, string>> = {
  PLAIN: 'PlainLoginModule',
  'SCRAM-SHA-256': 'ScramLoginModule',
  'SCRAM-SHA-512': 'ScramLoginModule',
  OAUTHBEARER: 'OAuthBearerLoginModule',
};

/** How the client logs in, for a `security.protocol` of SASL. @throws {CliError} */
export function saslOf(settings: Settings, secrets: Secrets, signal: AbortSignal): SASLOptions {
  const mechanism = settings.get('sasl.mechanism')?.trim().toUpperCase();
  const module = MODULES[mechanism ?? ''];
  if (mechanism === undefined || module === undefined)
    throw wrongSetting(
      'sasl.mechanism',
      mechanism === undefined
        ? "it is missing, and Kafka's default, GSSAPI (Kerberos), is not spoken by the client"
        : `${JSON.stringify(mechanism.slice(0, 80))} is not spoken by the client`,
      `Set it to one of ${Object.keys(MODULES).join(', ')}.`,
    );
  const login = loginOf(settings, module);
  if (mechanism === 'OAUTHBEARER') return bearer(settings, login, secrets, signal);
  const { username, password } = userOf(settings, login);
  secrets.add(password);
  const name = mechanism.toLowerCase() as 'plain' | 'scram-sha-256' | 'scram-sha-512';
  return { mechanism: name, username, password } as SASLOptions;
}

function loginOf(settings: Settings, module: string): JaasLogin | undefined {
  const text = settings.get('sasl.jaas.config');
  if (text === undefined) return undefined;
  const login = parseJaas(text);
  if ('reason' in login)
    throw wrongSetting(
      'sasl.jaas.config',
      login.reason,
      `Write it as in: ${module} required username="…" password="…";`,
    );
  if (login.module !== module)
    throw wrongSetting(
      'sasl.jaas.config',
      `its login module is ${login.module}, and sasl.mechanism needs ${module}`,
      'Change one of the two.',
    );
  if (login.options.get('tokenauth') === 'true')
    throw wrongSetting(
      'sasl.jaas.config',
      'the client knows no delegation tokens (tokenauth)',
      'Use a user and a password.',
    );
  return login;
}

function userOf({ login: given }: Settings, login: JaasLogin | undefined) {
  const username = given?.username ?? login?.options.get('username');
  const password = given?.password ?? login?.options.get('password');
  if (username !== undefined && password !== undefined) return { username, password };
  throw wrongSetting(
    'sasl.jaas.config',
    login === undefined ? 'there is none' : 'username or password is missing in it',
    'Set both there, or VELO_SASL_USERNAME and VELO_SASL_PASSWORD.',
  );
}

function bearer(
  settings: Settings,
  login: JaasLogin | undefined,
  secrets: Secrets,
  signal: AbortSignal,
): SASLOptions {
  const subject = login?.options.get('unsecuredLoginStringClaim_sub');
  if (subject !== undefined)
    return { mechanism: 'oauthbearer', oauthBearerProvider: async () => ({ value: unsecured(subject) }) };
  const clientSecret =
    settings.get('sasl.oauthbearer.client.credentials.client.secret') ?? login?.options.get('clientSecret');
  secrets.add(clientSecret);
  const source = {
    endpoint: endpointOf(settings),
    clientId: settings.get('sasl.oauthbearer.client.credentials.client.id') ?? login?.options.get('clientId'),
    clientSecret,
    scope: settings.get('sasl.oauthbearer.scope') ?? login?.options.get('scope'),
  };
  return {
    mechanism: 'oauthbearer',
    oauthBearerProvider: async () => ({ value: await fetchToken(source, secrets, signal) }),
  };
}

function endpointOf(settings: Settings): URL {
  const name = 'sasl.oauthbearer.token.endpoint.url';
  const text = settings.get(name);
  const url = text !== undefined && URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && ['https:', 'http:', 'file:'].includes(url.protocol)) return url;
  throw wrongSetting(
    name,
    text === undefined ? 'there is none' : 'it is no URL',
    'Name the endpoint that gives tokens, such as https://HOST/token, or file:///PATH of a token.',
  );
}

/** A token that nobody has signed, for brokers of a developer: valid for an hour. */
function unsecured(subject: string): string {
  const now = Math.floor(Date.now() / 1_000);
  const part = (content: object) => Buffer.from(JSON.stringify(content)).toString('base64url');
  return `${part({ alg: 'none' })}.${part({ sub: subject, iat: now, exp: now + 3_600 })}.`;
}
