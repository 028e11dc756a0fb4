import { writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { kafkaConfigOf } from '../src/connection/kafka-config.js';
import { Secrets } from '../src/connection/secrets.js';
import { type ConnectionFlags, readSettings } from '../src/connection/settings.js';
import { scratch } from './support.js';

const JAAS =
  'sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required username="u" password="hush";';

async function configOf(flags: ConnectionFlags, env: Record<string, string> = {}) {
  const settings = await readSettings(flags, env);
  return kafkaConfigOf(settings, new Secrets(), new AbortController().signal);
}

const withProperties = (...lines: readonly string[]) =>
  configOf({ brokers: 'localhost:9092' }, { VELO_PROPERTIES: lines.join('\n') });

describe('how to connect', () => {
  it('is said by the command line, by a file that it names, else by the environment', async () => {
    await using folder = await scratch();
    const config = folder.file('client.properties');
    await writeFile(config, 'bootstrap.servers=file:1\nclient.id=file');
    const env = { VELO_BROKERS: 'env:1', VELO_PROPERTIES: 'bootstrap.servers=text:1\nclient.id=text' };
    const brokersOf = async (flags: ConnectionFlags, variables = env) =>
      (await configOf(flags, variables)).brokers;
    expect(await brokersOf({ brokers: 'a:1, b:2', config })).toEqual(['a:1', 'b:2']);
    expect(await brokersOf({ config, property: ['bootstrap.servers=property:1'] })).toEqual(['property:1']);
    expect(await brokersOf({ config })).toEqual(['file:1']);
    expect(await brokersOf({})).toEqual(['env:1']);
    expect(await brokersOf({}, { ...env, VELO_BROKERS: '' })).toEqual(['text:1']);
    expect((await configOf({}, env)).clientId).toBe('text');
    expect((await configOf({}, { VELO_CONFIG: config })).clientId).toBe('file');
  });

  it('is plain where nothing else is said', async () => {
    expect(await configOf({ brokers: 'localhost:9092' })).toMatchObject({ clientId: 'velo-cli' });
    expect(await configOf({ brokers: 'localhost:9092' })).not.toHaveProperty('ssl');
  });

  it('is SASL and TLS as client.properties have it', async () => {
    const config = await withProperties(
      'security.protocol=SASL_SSL',
      'sasl.mechanism=PLAIN',
      JAAS,
      'ssl.truststore.certificates=-----BEGIN CERTIFICATE----- x',
      'ssl.endpoint.identification.algorithm=',
      'request.timeout.ms=1234',
    );
    expect(config).toMatchObject({
      requestTimeout: 1_234,
      sasl: { mechanism: 'plain', username: 'u', password: 'hush' },
      ssl: { ca: '-----BEGIN CERTIFICATE----- x', checkServerIdentity: expect.any(Function) },
    });
  });

  it('checks the names in certificates where nothing else is said', async () => {
    const { ssl } = await withProperties('security.protocol=SSL');
    expect(ssl).not.toHaveProperty('checkServerIdentity');
  });

  it('takes user and password from the environment', async () => {
    const env = { VELO_SASL_USERNAME: 'me', VELO_SASL_PASSWORD: 'mine' };
    const property = ['security.protocol=SASL_PLAINTEXT', 'sasl.mechanism=SCRAM-SHA-512'];
    const { sasl } = await configOf({ brokers: 'b:1', property }, env);
    expect(sasl).toEqual({ mechanism: 'scram-sha-512', username: 'me', password: 'mine' });
    await expect(configOf({ brokers: 'b:1' }, { VELO_SASL_PASSWORD: 'hush' })).rejects.toThrow(
      'VELO_SASL_USERNAME',
    );
  });

  it.each([
    { lines: ['security.protocol=TLS'], told: 'PLAINTEXT, SSL, SASL_PLAINTEXT, SASL_SSL' },
    { lines: ['securty.protocol=SSL'], told: 'Did you mean security.protocol' },
    { lines: ['ssl.truststore.locaton=x'], told: 'Did you mean ssl.truststore.location' },
    { lines: ['bootstrap.server=x:1'], told: 'Did you mean bootstrap.servers' },
    { lines: ['security.protocol=SASL_SSL'], told: 'GSSAPI' },
    { lines: ['security.protocol=SASL_SSL', 'sasl.mechanism=GSSAPI'], told: 'PLAIN, SCRAM-SHA-256' },
    { lines: ['security.protocol=SASL_SSL', 'sasl.mechanism=SCRAM-SHA-256', JAAS], told: 'ScramLoginModule' },
    { lines: ['security.protocol=SASL_SSL', 'sasl.mechanism=PLAIN'], told: 'VELO_SASL_USERNAME' },
    { lines: ['security.protocol=SASL_SSL', 'sasl.mechanism=PLAIN', `${JAAS}x`], told: 'one login' },
    { lines: ['security.protocol=SASL_SSL', 'sasl.mechanism=OAUTHBEARER'], told: 'endpoint' },
    { lines: ['security.protocol=SSL', 'ssl.keystore.key=x'], told: 'ssl.keystore.certificate.chain' },
    { lines: ['security.protocol=SSL', 'ssl.truststore.location=/no/such'], told: 'cannot be read' },
    { lines: ['security.protocol=SSL', 'ssl.endpoint.identification.algorithm=x'], told: 'neither https' },
    { lines: ['request.timeout.ms=0'], told: 'milliseconds' },
    { lines: ['a=\\u1'], told: 'line 1' },
  ])('is refused in words where it cannot be used: $lines', async ({ lines, told }) => {
    const refused = withProperties(...lines);
    await expect(refused).rejects.toThrow(told);
    await expect(refused).rejects.toMatchObject({ exitCode: 2 });
    await expect(refused).rejects.not.toThrow('hush');
  });

  it('passes over what is of no use to connect', async () => {
    const lines = ['acks=all', 'group.id=g', 'schema.registry.url=x', 'sasl.kerberos.service.name=kafka'];
    await withProperties(...lines, 'ssl.protocol=TLSv1.3', 'client.dns.lookup=use_all_dns_ips');
  });

  it.each(['x', 'x:0', 'x:65536', 'x:y', 'x y:1', ''])('takes no %o for a broker', async (brokers) => {
    await expect(configOf({ brokers })).rejects.toMatchObject({ exitCode: 2 });
  });

  it('takes addresses of IPv6 and listeners with their names', async () => {
    const { brokers } = await configOf({ brokers: '[::1]:9092,SSL://b:2' });
    expect(brokers).toEqual(['[::1]:9092', 'b:2']);
  });

  it('takes no secret from the command line', async () => {
    await expect(configOf({ brokers: 'b:1', property: [JAAS] })).rejects.toThrow('VELO_SASL_PASSWORD');
    await expect(configOf({ brokers: 'b:1', property: [JAAS] })).rejects.not.toThrow('hush');
  });

  it.each([
    { bytes: [0xfe, 0xed, 0xfe, 0xed], kind: 'JKS' },
    { bytes: [0x30, 0x82], kind: 'PKCS12' },
    { bytes: [1], kind: 'no PEM file' },
  ])('names the command that makes PEM of a store: $kind', async ({ bytes, kind }) => {
    await using folder = await scratch();
    const path = folder.file('a store');
    await writeFile(path, Buffer.from(bytes));
    const refused = withProperties('security.protocol=SSL', `ssl.truststore.location=${path}`);
    await expect(refused).rejects.toThrow(kind);
    await expect(refused).rejects.toThrow(`keytool -list -rfc -keystore '${path}' > '${path}.pem'`);
  });
});

describe('secrets', () => {
  it('are taken out of any text', () => {
    const secrets = new Secrets();
    for (const secret of ['correct horse', 'a"b\\c', 'x', undefined, '']) secrets.add(secret);
    const told = secrets.strip(
      `correct horse, ${JSON.stringify({ v: 'a"b\\c' })}, ${Buffer.from('correct horse').toString('base64')}, box x`,
    );
    expect(told).toBe('***, {"v":"***"}, ***, box ***');
  });
});
