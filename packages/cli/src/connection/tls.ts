import type { ConnectionOptions } from 'node:tls';
import type { Secrets } from './secrets.js';
import type { Settings } from './settings.js';
import { readPem } from './stores.js';
import { wrongSetting } from './wrong-setting.js';

/** How the client speaks TLS, for a `security.protocol` that says so. @throws {CliError} */
export async function tlsOf(settings: Settings, secrets: Secrets): Promise<ConnectionOptions> {
  const passphrase = settings.get('ssl.key.password');
  secrets.add(passphrase);
  const ca = await trustedBy(settings);
  const own = await ownOf(settings);
  return {
    ...(ca !== undefined && { ca }),
    ...(own !== undefined && { ...own, passphrase }),
    ...(namesAreChecked(settings) ? undefined : { checkServerIdentity: () => undefined }),
  };
}

/** Undefined: whom Node trusts. */
async function trustedBy(settings: Settings): Promise<string | undefined> {
  const given = settings.get('ssl.truststore.certificates');
  if (given !== undefined) return given;
  const path = settings.get('ssl.truststore.location');
  return path === undefined ? undefined : readPem('ssl.truststore', path);
}

async function ownOf(settings: Settings): Promise<{ cert: string; key: string } | undefined> {
  const cert = settings.get('ssl.keystore.certificate.chain');
  const key = settings.get('ssl.keystore.key');
  if (cert !== undefined && key !== undefined) return { cert, key };
  if (cert !== undefined || key !== undefined)
    throw wrongSetting(
      cert === undefined ? 'ssl.keystore.key' : 'ssl.keystore.certificate.chain',
      'the other one of key and certificate chain is missing',
      'Set both ssl.keystore.key and ssl.keystore.certificate.chain.',
    );
  const path = settings.get('ssl.keystore.location');
  if (path === undefined) return undefined;
  const pem = await readPem('ssl.keystore', path);
  // One file has both in PEM, as Kafka wants it.
  return { cert: pem, key: pem };
}

function namesAreChecked(settings: Settings): boolean {
  const name = 'ssl.endpoint.identification.algorithm';
  const algorithm = settings.get(name)?.trim().toLowerCase() ?? 'https';
  if (algorithm === 'https') return true;
  if (algorithm === '') return false;
  throw wrongSetting(
    name,
    `${JSON.stringify(algorithm.slice(0, 80))} is neither https nor empty`,
    'Leave it out to check that certificates name their brokers.',
  );
}
