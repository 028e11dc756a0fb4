import { createVelo, type Logger, type Velo } from '@velo/kafkajs';
import { foreignText } from '@velo/retry-core';
import type { Kafka, logCreator } from 'kafkajs';
import type { Context } from '../context.js';
import { kafkaConfigOf } from './kafka-config.js';
import { mismatch } from './mismatch.js';
import { type ConnectionFlags, readSettings } from './settings.js';

/** The brokers, as a command uses them. Nothing connects before it is used. */
export interface Connection extends AsyncDisposable {
  readonly velo: Velo;
  readonly kafka: Kafka;
  readonly brokers: readonly string[];
  /**
   * Why no connection can ever come about, where `security.protocol` is the reason: clients report that as a network that
   * fails. Undefined where it is not.
   */
  refusal(): Promise<Error | undefined>;
}

/** Of a line that a client logs, in characters. */
const LONGEST_LINE = 2_000;

/** Where brokers do not answer, kafkajs waits for them before it disconnects. In ms. */
const LONGEST_CLOSE = 2_000;

/** Otherwise kafkajs would print the bytes of its requests, the password among them. */
const DUMPS = ['KAFKAJS_DEBUG_PROTOCOL_BUFFERS', 'KAFKAJS_DEBUG_EXTENDED_PROTOCOL_BUFFERS'];

/** @throws {CliError} for settings that cannot be used */
export async function connect(flags: ConnectionFlags, context: Context): Promise<Connection> {
  const { secrets, signal, err } = context;
  const settings = await readSettings(flags, context.env);
  const config = await kafkaConfigOf(settings, secrets, signal);
  // A token that is refused is told at once: kafkajs would ask for it again and again.
  if (config.sasl !== undefined && 'oauthBearerProvider' in config.sasl)
    await config.sasl.oauthBearerProvider();
  for (const name of DUMPS) delete process.env[name];
  // Loaded here, since most commands need none.
  const { Kafka: Client, logLevel } = (await import('kafkajs')).default;
  const tell = (text: string) => err.line(err.colors.dim(secrets.strip(foreignText(text, LONGEST_LINE))));
  const debug = flags.debug === true;
  const toStderr: logCreator =
    () =>
    ({ namespace, log: { message, timestamp: _, ...rest } }) =>
      tell(`${namespace}: ${foreignText(message)} ${JSON.stringify(rest)}`);
  const kafka = new Client({
    ...config,
    logLevel: debug ? logLevel.DEBUG : logLevel.NOTHING,
    logCreator: toStderr,
  });
  const velo = createVelo(kafka, { env: context.env, logger: debug ? loggerTo(tell) : SILENT });
  const { brokers } = settings;
  return {
    velo,
    kafka,
    brokers,
    refusal: () => mismatch(brokers, config),
    [Symbol.asyncDispose]: () => within(velo.close(), LONGEST_CLOSE),
  };
}

/** Resolves in time, whatever becomes of the rest: the process ends, and its sockets with it. */
async function within(closing: Promise<void>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([closing, late]).finally(() => clearTimeout(timer));
}

const SILENT: Logger = { info() {}, warn() {}, error() {} };

function loggerTo(tell: (text: string) => void): Logger {
  const at = (level: string) => (message: string) => tell(`velo ${level}: ${message}`);
  return { info: at('info'), warn: at('warn'), error: at('error') };
}
