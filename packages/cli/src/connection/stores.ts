import { shellWord } from '@velo/retry-core';
import { readBounded } from './read-bounded.js';
import { wrongSetting } from './wrong-setting.js';

/** Certificates and keys; a file with thousands of them is smaller. In bytes. */
const LARGEST = 4 * 1024 * 1024;

type Store = 'ssl.truststore' | 'ssl.keystore';

/** A store in PEM, from a file. @throws {CliError} naming the command that makes one of Java's own kind PEM */
export async function readPem(store: Store, path: string): Promise<string> {
  const bytes = await readBounded(path, LARGEST, `${store}.location`);
  const text = bytes.toString('latin1');
  if (text.includes('-----BEGIN ')) return text;
  throw wrongSetting(
    `${store}.location`,
    `${JSON.stringify(path)} is ${kindOf(bytes)}, and Node reads PEM`,
    `Make one: ${remedy(store, path)}`,
  );
}

function kindOf(bytes: Buffer): string {
  if (bytes.length >= 4 && bytes.readUInt32BE(0) === 0xfeedfeed) return 'a Java keystore (JKS)';
  return bytes[0] === 0x30 ? 'a PKCS12 store' : 'no PEM file';
}

function remedy(store: Store, path: string): string {
  const pem = shellWord(`${path}.pem`);
  if (store === 'ssl.truststore') return `keytool -list -rfc -keystore ${shellWord(path)} > ${pem}`;
  const p12 = shellWord(`${path}.p12`);
  return `keytool -importkeystore -srckeystore ${shellWord(path)} -destkeystore ${p12} -deststoretype PKCS12 && openssl pkcs12 -in ${p12} -nodes -out ${pem}`;
}
