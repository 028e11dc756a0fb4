import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const PASSPHRASE = 'of a test';

/** A key and its certificate, as `keytool` writes them. */
export interface KeyStore {
  readonly pfx: Buffer;
  readonly passphrase: string;
}

/** A certificate for 127.0.0.1 that signs itself, and whoever trusts it takes `ca`. Java's `keytool` makes it. */
export interface SelfSigned extends KeyStore {
  /** PEM */
  readonly ca: string;
}

/** @param state `expired`: since five days */
export async function selfSigned(state: 'valid' | 'expired'): Promise<SelfSigned> {
  const folder = await mkdtemp(join(tmpdir(), 'velo-tls-'));
  const store = join(folder, 'store.p12');
  const keytool = (...args: readonly string[]) =>
    promisify(execFile)('keytool', [...args, '-keystore', store, '-storepass', PASSPHRASE]);
  const times = state === 'valid' ? ['-validity', '10'] : ['-startdate', '-10d', '-validity', '5'];
  try {
    await keytool(
      ...['-genkeypair', '-alias', 'broker', '-keyalg', 'RSA', '-storetype', 'PKCS12', ...times],
      ...['-dname', `CN=${state}`, '-ext', 'SAN=ip:127.0.0.1'],
    );
    const { stdout: ca } = await keytool('-list', '-rfc');
    return { pfx: await readFile(store), passphrase: PASSPHRASE, ca };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
