import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { javaAvailable, type KafkaCluster, startKafka } from '@velo/testkit';
import {
  AclOperationTypes,
  AclPermissionTypes,
  AclResourceTypes,
  Kafka,
  logLevel,
  ResourcePatternTypes,
} from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scratch, velo } from './support.js';

const PASSWORD = 'correct horse battery staple';
const HOST = '127.0.0.1';

const jaas = (module: string, options: Readonly<Record<string, string>>) =>
  `sasl.jaas.config=org.apache.kafka.common.security.${module} required ${Object.entries(options)
    .map(([name, value]) => `${name}="${value}"`)
    .join(' ')};`;

/** A token that nobody has signed: the broker of this test takes such ones. */
const token = () => {
  const part = (content: object) => Buffer.from(JSON.stringify(content)).toString('base64url');
  const now = Math.floor(Date.now() / 1_000);
  return `${part({ alg: 'none' })}.${part({ sub: 'robot', iat: now, exp: now + 600 })}.`;
};

describe.skipIf(!javaAvailable())('on a real Kafka with TLS, logins and rights', () => {
  let folder: Awaited<ReturnType<typeof scratch>>;
  let kafka: KafkaCluster;
  let tokens: Server;
  let ca: string;

  const properties = async (...lines: readonly string[]) => {
    const file = folder.file('client.properties');
    await writeFile(file, lines.join('\n'));
    return file;
  };
  const plain = (password: string) => [
    'security.protocol=SASL_SSL',
    'sasl.mechanism=PLAIN',
    `ssl.truststore.location=${ca}`,
    jaas('plain.PlainLoginModule', { username: 'alice', password }),
  ];
  const wait = async (brokers: readonly string[], lines: readonly string[], ...args: readonly string[]) =>
    velo([
      ...['wait', '--topic', 'orders', '--timeout', '10s', '--brokers', brokers.join()],
      ...['--config', await properties(...lines), ...args],
    ]);

  beforeAll(async () => {
    folder = await scratch();
    const store = folder.file('broker.p12');
    const keytool = (...args: string[]) => promisify(execFile)('keytool', [...args, '-storepass', PASSWORD]);
    const name = ['-dname', 'CN=broker', '-ext', `SAN=ip:${HOST}`];
    await keytool(
      ...['-genkeypair', '-alias', 'broker', '-keyalg', 'RSA', '-storetype', 'PKCS12', '-keystore', store],
      ...name,
    );
    // As the error for a store of Java's own kind says.
    ca = folder.file('ca.pem');
    await writeFile(ca, (await keytool('-list', '-rfc', '-keystore', store)).stdout);
    kafka = await startKafka({
      users: { alice: PASSWORD, nobody: PASSWORD },
      superUsers: ['alice', 'robot'],
      properties: {
        'listener.security.protocol.map':
          'INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT,CLIENT:PLAINTEXT,SASL:SASL_SSL',
        'listener.name.sasl.ssl.keystore.type': 'PKCS12',
        'listener.name.sasl.ssl.keystore.location': store,
        'listener.name.sasl.ssl.keystore.password': PASSWORD,
        'sasl.enabled.mechanisms': 'PLAIN,OAUTHBEARER',
        'listener.name.sasl.oauthbearer.sasl.jaas.config':
          'org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="broker";',
      },
    });
    const admin = new Kafka({ brokers: [...kafka.brokers], logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic: 'orders' }] });
    await admin.disconnect();
    tokens = createServer((request, response) => {
      const right =
        request.headers.authorization === `Basic ${Buffer.from('robot:s3cret').toString('base64')}`;
      response.writeHead(right ? 200 : 401, { 'content-type': 'application/json' });
      response.end(JSON.stringify(right ? { access_token: token() } : { error: 'invalid_client' }));
    }).listen(0, HOST);
  }, 60_000);
  afterAll(async () => {
    tokens?.close();
    await kafka?.stop();
    await folder?.[Symbol.asyncDispose]();
  });

  it('logs in over TLS, and tells no secret', async () => {
    const { code, out, err } = await wait(kafka.saslBrokers, plain(PASSWORD), '--debug');
    expect({ code, out }).toEqual({ code: 0, out: expect.stringMatching(/^there after/) });
    expect(err).toContain('kafkajs');
    expect(out + err).not.toContain('horse');
    expect(out + err).not.toContain(Buffer.from(PASSWORD).toString('base64').slice(4, 20));
  });

  it('tells a wrong password at once, with 3, and not which', async () => {
    const started = performance.now();
    const { code, out, err } = await wait(kafka.saslBrokers, plain('a secret of mine'), '--debug');
    expect(code).toBe(3);
    expect(err).toMatch(/gave up on orders: Kafka refused/);
    expect(out + err).not.toContain('secret of mine');
    expect(performance.now() - started).toBeLessThan(9_000);
  });

  it('does not wait for a topic that the user may not see', async () => {
    const nobody = plain(PASSWORD).map((line) => line.replace('alice', 'nobody'));
    const { code, err } = await wait(kafka.saslBrokers, nobody);
    expect({ code, err }).toEqual({ code: 3, err: expect.stringContaining('TOPIC_AUTHORIZATION_FAILED') });
  });

  it('tells which protocol a listener speaks, where it is another one', async () => {
    const { saslBrokers, brokers } = kafka;
    const told = async (...args: Parameters<typeof wait>) => {
      const { code, err } = await wait(...args);
      return { code, err };
    };
    expect(await told(saslBrokers, [])).toEqual({ code: 3, err: expect.stringContaining('it speaks TLS') });
    expect(await told(brokers, ['security.protocol=SSL'])).toEqual({
      code: 3,
      err: expect.stringContaining('does not speak TLS'),
    });
    const trusting = ['security.protocol=SSL', `ssl.truststore.location=${ca}`];
    expect(await told(saslBrokers, trusting)).toEqual({
      code: 3,
      err: expect.stringMatching(/wants a login there \((PLAIN|OAUTHBEARER), /),
    });
    expect(await told(saslBrokers, ['security.protocol=SSL'])).toEqual({
      code: 3,
      err: expect.stringMatching(/no secure connection came about.*self-signed certificate/s),
    });
  });

  it('logs in where the certificate has another name only if told so', async () => {
    const brokers = kafka.saslBrokers.map((broker) => broker.replace(HOST, 'localhost'));
    const { code, err } = await wait(brokers, plain(PASSWORD));
    expect({ code, err }).toEqual({ code: 3, err: expect.stringContaining('altname') });
    const any = [...plain(PASSWORD), 'ssl.endpoint.identification.algorithm='];
    expect((await wait(brokers, any)).code).toBe(0);
  });

  const bearer = (options: Readonly<Record<string, string>>, ...more: readonly string[]) => [
    'security.protocol=SASL_SSL',
    'sasl.mechanism=OAUTHBEARER',
    `ssl.truststore.location=${ca}`,
    jaas('oauthbearer.OAuthBearerLoginModule', options),
    ...more,
  ];

  it('logs in with a token: unsecured, from an endpoint, from a file', async () => {
    const { port } = tokens.address() as AddressInfo;
    const endpoint = `sasl.oauthbearer.token.endpoint.url=http://${HOST}:${port}/token`;
    await writeFile(folder.file('token'), `${token()}\n`);
    const ways = [
      bearer({ unsecuredLoginStringClaim_sub: 'robot' }),
      bearer({ clientId: 'robot', clientSecret: 's3cret' }, endpoint),
      bearer({}, `sasl.oauthbearer.token.endpoint.url=file://${folder.file('token')}`),
    ];
    for (const lines of ways) expect(await wait(kafka.saslBrokers, lines)).toMatchObject({ code: 0 });
    const { code, err } = await wait(
      kafka.saslBrokers,
      bearer({ clientId: 'robot', clientSecret: 'hush, hush' }, endpoint),
    );
    expect({ code, err }).toEqual({ code: 3, err: expect.stringContaining('invalid_client') });
    expect(err).not.toContain('hush, hush');
  });

  it('examines with the same codes', async () => {
    const doctor = async (lines: readonly string[]) =>
      velo([
        ...['doctor', '--group', 'billing', '--topic', 'orders', '--brokers', kafka.saslBrokers.join()],
        ...['--config', await properties(...lines)],
      ]);
    expect(await doctor(plain('a secret of mine'))).toMatchObject({
      code: 3,
      out: expect.stringContaining('PROBLEM brokers'),
    });
    expect(await doctor([])).toMatchObject({ code: 3, err: expect.stringContaining('it speaks TLS') });
    const nobody = plain(PASSWORD).map((line) => line.replace('alice', 'nobody'));
    expect(await doctor(nobody)).toMatchObject({
      code: 1,
      out: expect.stringMatching(/kafka-acls.*--operation Describe/i),
    });
  }, 60_000);

  const dlt = async (command: string, lines: readonly string[]) =>
    velo([
      ...['dlt', command, '--group', 'billing', '--topic', 'orders-billing-dlt'],
      ...['--brokers', kafka.saslBrokers.join(), '--config', await properties(...lines)],
    ]);

  it('tells a wrong password and missing rights of dead letters, with 3', async () => {
    const { code, err } = await dlt('list', plain('a secret of mine'));
    expect({ code, err }).toEqual({ code: 3, err: expect.stringContaining('refused') });
    expect(err).not.toContain('secret of mine');

    const nobody = plain(PASSWORD).map((line) => line.replace('alice', 'nobody'));
    const client = new Kafka({ brokers: [...kafka.brokers], logLevel: logLevel.NOTHING });
    const admin = client.admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic: 'orders-billing-dlt' }] });
    const producer = client.producer();
    await producer.connect();
    await producer.send({ topic: 'orders-billing-dlt', messages: [{ value: 'dead' }] });
    await producer.disconnect();
    const rights = [
      [
        'TOPIC_AUTHORIZATION_FAILED',
        AclResourceTypes.TOPIC,
        'orders-billing-dlt',
        AclOperationTypes.DESCRIBE,
      ],
      ['GROUP_AUTHORIZATION_FAILED', AclResourceTypes.GROUP, 'billing-dead-letters-', AclOperationTypes.READ],
      ['TOPIC_AUTHORIZATION_FAILED', AclResourceTypes.TOPIC, 'orders-billing-dlt', AclOperationTypes.READ],
    ] as const;
    for (const [told, resourceType, resourceName, operation] of rights) {
      const ended = await dlt('list', nobody);
      expect({ code: ended.code, err: ended.err }).toEqual({ code: 3, err: expect.stringContaining(told) });
      const acl = {
        ...{ resourceType, resourceName, operation, principal: 'User:nobody', host: '*' },
        resourcePatternType: ResourcePatternTypes.PREFIXED,
        permissionType: AclPermissionTypes.ALLOW,
      };
      await admin.createAcls({ acl: [acl] });
    }
    await admin.disconnect();
    expect(await dlt('list', nobody)).toMatchObject({ code: 0, out: expect.stringContaining('1 open') });
  }, 60_000);

  it('reads the file of its own keytool', async () => {
    expect(await readFile(ca, 'utf8')).toContain('-----BEGIN CERTIFICATE-----');
  });
});
