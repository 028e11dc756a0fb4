import type { KafkaConfig } from 'kafkajs';
import { saslOf } from './sasl.js';
import type { Secrets } from './secrets.js';
import type { Settings } from './settings.js';
import { tlsOf } from './tls.js';
import { wrongSetting } from './wrong-setting.js';

const PROTOCOLS = ['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'];

/** Of Kafka's own clients, ms. */
const LONGEST_TIMEOUT = 2 ** 31 - 1;

/** ms. kafkajs's own second is short for TLS over some distance. */
const CONNECTION_TIMEOUT = 5_000;

/** velo tries again by itself, and says why; kafkajs would be silent for 8 s. */
const RETRY = { retries: 2, initialRetryTime: 100, maxRetryTime: 500 };

/** A connection as kafkajs takes it. @throws {CliError} naming the setting that cannot be used */
export async function kafkaConfigOf(
  settings: Settings,
  secrets: Secrets,
  signal: AbortSignal,
): Promise<KafkaConfig> {
  const protocol = settings.get('security.protocol')?.trim().toUpperCase() ?? 'PLAINTEXT';
  if (!PROTOCOLS.includes(protocol))
    throw wrongSetting(
      'security.protocol',
      `${JSON.stringify(protocol.slice(0, 80))} is none of ${PROTOCOLS.join(', ')}`,
      'Set it to one of these.',
    );
  const connectionTimeout = timeoutOf(settings, 'socket.connection.setup.timeout.ms') ?? CONNECTION_TIMEOUT;
  const requestTimeout = timeoutOf(settings, 'request.timeout.ms');
  return {
    brokers: [...settings.brokers],
    clientId: settings.get('client.id') ?? 'velo-cli',
    ...(protocol.endsWith('SSL') && { ssl: await tlsOf(settings, secrets) }),
    ...(protocol.startsWith('SASL_') && { sasl: saslOf(settings, secrets, signal) }),
    connectionTimeout,
    retry: RETRY,
    ...(requestTimeout !== undefined && { requestTimeout }),
  };
}

function timeoutOf(
  settings: Settings,
  name: 'request.timeout.ms' | 'socket.connection.setup.timeout.ms',
): number | undefined {
  const text = settings.get(name)?.trim();
  if (text === undefined) return undefined;
  const ms = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (ms >= 1 && ms <= LONGEST_TIMEOUT) return ms;
  throw wrongSetting(
    name,
    `${JSON.stringify(text.slice(0, 80))} is no number of milliseconds, 1 to ${LONGEST_TIMEOUT}`,
    'Write it as in 30000.',
  );
}
