import { isIP, connect as openPlain, type Socket } from 'node:net';
import { type ConnectionOptions, connect as openTls } from 'node:tls';
import { foreignMessage, foreignText, readText } from '@velo/retry-core';
import type { KafkaConfig } from 'kafkajs';
import { CliError } from '../cli-error.js';
import { EXIT } from '../exit-codes.js';
import { askForMechanisms } from './sasl-handshake.js';

/** For one broker to answer, ms. */
const PATIENCE = 1_500;

/** UNSUPPORTED_SASL_MECHANISM */
const WANTS_LOGIN = 33;

/** The network, and not what was said over it. */
const OF_THE_NETWORK = /ECONN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN|disconnected before/;

/**
 * Why the brokers and this side will never agree, where `security.protocol` is the reason: clients report that as a network
 * that fails. Undefined where they agree, or where nobody answers. Asks the brokers themselves.
 */
export async function mismatch(
  brokers: readonly string[],
  config: KafkaConfig,
): Promise<CliError | undefined> {
  const ssl = typeof config.ssl === 'object' ? config.ssl : undefined;
  for (const broker of brokers) {
    const why = ssl === undefined ? await withoutTls(broker, config) : await withTls(broker, ssl, config);
    if (why !== undefined)
      return new CliError(
        EXIT.hopeless,
        `The broker ${broker} cannot be talked to: ${why}. Nothing was read or written. Trying again will not help: see security.protocol, ssl.* and sasl.* of your properties.`,
      );
  }
  return undefined;
}

async function withoutTls(broker: string, config: KafkaConfig): Promise<string | undefined> {
  const socket = await open(broker);
  if (socket instanceof Error) return undefined;
  const answer = await askForMechanisms(socket, PATIENCE);
  if (answer !== undefined) return missingLogin(answer, config, 'SASL_PLAINTEXT');
  const speaksTls = await open(broker, { rejectUnauthorized: false });
  if (speaksTls instanceof Error && !/alert|handshake failure/i.test(speaksTls.message)) return undefined;
  if (!(speaksTls instanceof Error)) speaksTls.destroy();
  return 'it speaks TLS there, and security.protocol does not say SSL';
}

async function withTls(
  broker: string,
  ssl: ConnectionOptions,
  config: KafkaConfig,
): Promise<string | undefined> {
  const socket = await open(broker, ssl);
  if (!(socket instanceof Error)) {
    const answer = await askForMechanisms(socket, PATIENCE);
    return answer && missingLogin(answer, config, 'SASL_SSL');
  }
  const plain = await open(broker);
  if (!(plain instanceof Error) && (await askForMechanisms(plain, PATIENCE)) !== undefined)
    return 'it does not speak TLS there, and security.protocol says SSL';
  return OF_THE_NETWORK.test(readText(socket, 'code')) || OF_THE_NETWORK.test(socket.message)
    ? undefined
    : `TLS has failed (${foreignMessage(socket)})`;
}

function missingLogin(
  answer: { readonly code: number; readonly mechanisms: readonly string[] },
  { sasl }: KafkaConfig,
  protocol: string,
): string | undefined {
  if (answer.code !== WANTS_LOGIN || sasl !== undefined) return undefined;
  const mechanisms = foreignText(answer.mechanisms.join(', '), 200);
  return `it wants a login there (${mechanisms}), and security.protocol does not say ${protocol}`;
}

/** @returns what went wrong, where no connection, or none with TLS, came about */
function open(broker: string, tls?: ConnectionOptions): Promise<Socket | Error> {
  const [, host = '', port = ''] = /^\[?(.*?)\]?:(\d+)$/.exec(broker) ?? [];
  const target = { host, port: Number(port) };
  return new Promise((resolve) => {
    const name = isIP(host) === 0 ? { servername: host } : {};
    const socket = tls === undefined ? openPlain(target) : openTls({ ...target, ...name, ...tls });
    const fail = (error: Error) => {
      socket.destroy();
      resolve(error);
    };
    socket.setTimeout(PATIENCE, () => fail(new Error('ETIMEDOUT')));
    socket.on('error', fail);
    socket.on('close', () => fail(new Error('ECONNRESET')));
    socket.once(tls === undefined ? 'connect' : 'secureConnect', () => {
      socket.removeAllListeners('close').setTimeout(0);
      resolve(socket);
    });
  });
}
