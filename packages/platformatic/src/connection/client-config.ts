import { wrongClient } from '@velo/engine';
import { checkNames, VeloError } from '@velo/retry-core';

/** The options of @platformatic/kafka's clients that velo passes on to its connections, or reads itself. */
export interface PlatformaticOptions {
  readonly clientId: string;
  readonly bootstrapBrokers: readonly (string | { readonly host: string; readonly port: number })[];
  /** For a broker to answer, ms. @default 10_000 */
  readonly timeout?: number;
  /** For a connection, ms. @default 5_000 */
  readonly connectTimeout?: number;
  readonly maxInflights?: number;
  readonly handleBackPressure?: boolean;
  readonly tls?: object;
  readonly ssl?: object;
  readonly tlsServerName?: boolean | string;
  readonly sasl?: object;
  /** How what is produced is compressed: `'none'`, `'gzip'`, `'snappy'`, `'lz4'` or `'zstd'`. @default 'none' */
  readonly compression?: string;
}

/** What was given, checked, as velo's parts need it. */
export interface ClientConfig {
  readonly clientId: string;
  readonly bootstrap: readonly { readonly host: string; readonly port: number }[];
  /** As the client's connections take it. */
  readonly connection: object;
  /** ms */
  readonly timeout: number;
  readonly compression: string;
}

const NAMES = {
  clientId: true,
  bootstrapBrokers: true,
  timeout: true,
  connectTimeout: true,
  maxInflights: true,
  handleBackPressure: true,
  tls: true,
  ssl: true,
  tlsServerName: true,
  sasl: true,
  compression: true,
  // Of the client's own consumers and producers, which velo does not use: options that are shared with them may stay.
  clientRack: true,
  retries: true,
  retryDelay: true,
  metadataMaxAge: true,
  autocreateTopics: true,
  strict: true,
  metrics: true,
  context: true,
  serializers: true,
  deserializers: true,
} as const;

const DEFAULT_PORT = 9_092;
const TIMEOUT = 10_000;
const COMPRESSIONS: readonly string[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];
/** ms. Of the connection itself, which knows no other limits of velo's: longer than any of them. */
const NO_LIMIT = 600_000;
const EXPECTED = "the options of @platformatic/kafka's clients";
const REMEDY =
  "Pass them as its own clients take them: createVelo({ clientId: 'orders', bootstrapBrokers: ['localhost:9092'] }).";

/** @throws {VeloError} `VELO_INVALID_OPTION` for what are no options of the client */
export function checkClientConfig(given: PlatformaticOptions): ClientConfig {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw wrongClient(EXPECTED, given, REMEDY);
  const { clientId, bootstrapBrokers, timeout = TIMEOUT, compression = 'none' } = given;
  if (typeof clientId !== 'string' || !Array.isArray(bootstrapBrokers))
    throw wrongClient(EXPECTED, given, REMEDY);
  checkNames(given, NAMES, 'createVelo()');
  if (!/^\S+$/.test(clientId)) throw invalid('clientId', 'a text without spaces');
  if (bootstrapBrokers.length === 0) throw invalid('bootstrapBrokers', 'at least one broker');
  if (!(Number.isInteger(timeout) && timeout > 0 && timeout < NO_LIMIT))
    throw invalid('timeout', 'whole milliseconds above 0');
  if (!COMPRESSIONS.includes(compression)) throw invalid('compression', `one of ${COMPRESSIONS.join(', ')}`);
  const { connectTimeout, maxInflights, handleBackPressure, tls, ssl, tlsServerName, sasl } = given;
  return {
    clientId,
    bootstrap: bootstrapBrokers.map(addressOf),
    connection: {
      connectTimeout,
      maxInflights,
      handleBackPressure,
      tls: tls ?? ssl,
      tlsServerName,
      sasl,
      requestTimeout: NO_LIMIT,
    },
    timeout,
    compression,
  };
}

function addressOf(broker: PlatformaticOptions['bootstrapBrokers'][number]): { host: string; port: number } {
  if (typeof broker !== 'string') {
    const { host, port } = broker ?? {};
    if (typeof host === 'string' && Number.isInteger(port)) return { host, port };
    throw invalid('bootstrapBrokers', "texts such as 'localhost:9092', or { host, port }");
  }
  const [, host = '', port = String(DEFAULT_PORT)] = /^(.+?)(?::(\d+))?$/.exec(broker.trim()) ?? [];
  if (host === '' || Number(port) > 65_535)
    throw invalid('bootstrapBrokers', "texts such as 'localhost:9092'");
  return { host: host.replace(/^\[(.*)\]$/, '$1'), port: Number(port) };
}

function invalid(name: string, expected: string): VeloError {
  return new VeloError(
    'VELO_INVALID_OPTION',
    `createVelo() takes for ${name}: ${expected}. Nothing has connected. ${REMEDY}`,
  );
}
