import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { foreignText, readProperty } from '@velo/retry-core';
import { CliError } from '../cli-error.js';
import { EXIT } from '../exit-codes.js';
import type { Secrets } from './secrets.js';

/** Where tokens come from. */
export interface TokenSource {
  /** `https:`, `http:` of this machine, or `file:` for a token that others put there. */
  readonly endpoint: URL;
  readonly clientId: string | undefined;
  readonly clientSecret: string | undefined;
  readonly scope: string | undefined;
}

/** For the answer of a token endpoint, ms. */
const PATIENCE = 10_000;

/** A token for SASL/OAUTHBEARER: from a file, or by the client credentials of OAuth 2. */
export async function fetchToken(
  source: TokenSource,
  secrets: Secrets,
  signal: AbortSignal,
): Promise<string> {
  const { endpoint } = source;
  const token = endpoint.protocol === 'file:' ? await readToken(endpoint) : await askToken(source, signal);
  secrets.add(token);
  return token;
}

async function readToken(endpoint: URL): Promise<string> {
  try {
    return (await readFile(fileURLToPath(endpoint), 'utf8')).trim();
  } catch (error) {
    throw refused('the file of sasl.oauthbearer.token.endpoint.url cannot be read', error);
  }
}

async function askToken(
  { endpoint, clientId, clientSecret, scope }: TokenSource,
  signal: AbortSignal,
): Promise<string> {
  const body = new URLSearchParams({ grant_type: 'client_credentials', ...(scope && { scope }) });
  const credentials = Buffer.from(`${clientId ?? ''}:${clientSecret ?? ''}`).toString('base64');
  let response: Response;
  try {
    response = await fetch(endpoint, {
      method: 'POST',
      body,
      headers: { authorization: `Basic ${credentials}`, accept: 'application/json' },
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]),
    });
  } catch (error) {
    throw new CliError(
      EXIT.failed,
      `The token endpoint at ${endpoint.host} cannot be reached, so the brokers were not asked. Look whether it runs, and at sasl.oauthbearer.token.endpoint.url.`,
      { cause: error },
    );
  }
  const answer: unknown = await response.json().catch(() => undefined);
  const token = readProperty(answer, 'access_token');
  if (response.ok && typeof token === 'string' && token !== '') return token;
  const why = readProperty(answer, 'error');
  throw refused(
    `the token endpoint at ${endpoint.host} answered with ${response.status}${typeof why === 'string' ? `, ${foreignText(why, 80)}` : ''}`,
  );
}

function refused(what: string, cause?: unknown): CliError {
  return new CliError(
    EXIT.hopeless,
    `There is no token for OAUTHBEARER: ${what}. The brokers were not asked. Check clientId, clientSecret and scope of sasl.jaas.config.`,
    { cause },
  );
}
