import type { ClientBinding, Velo } from '@velo/engine';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { uniqueName } from '../support/names.js';
import { sleep } from '../support/until.js';
import { record } from './record.js';
import { Told } from './told.js';
import { until } from './until.js';

/** ms. A node starts in 3 s; a busy machine takes longer. */
const START_LIMIT = 180_000;
/** ms. After that the broker wants another token of a connection that stands. */
const REAUTHENTICATION = 4_000;

const properties = { 'security.protocol': 'sasl_plaintext', 'sasl.mechanisms': 'OAUTHBEARER' };

/** As Kafka takes it where nothing else is configured: a JWT without a signature. */
function unsecuredToken(life: number): string {
  const now = Date.now() / 1_000;
  const part = (json: object) => Buffer.from(JSON.stringify(json)).toString('base64url');
  return `${part({ alg: 'none' })}.${part({ sub: 'alice', iat: now - 1, exp: now + life / 1_000 })}.`;
}

const anyToken = async (): Promise<string> => 'x';

interface SaslCluster {
  readonly saslBrokers: readonly string[];
  stop(): Promise<void>;
}

/** A client of librdkafka's whose tokens are given by a function. */
export interface TokensUnderTest {
  clientOn(
    address: { readonly bootstrapServers: string },
    properties: object,
    options: { readonly token: () => Promise<string> },
  ): ClientBinding;
  createVelo(properties: object, options: object): Velo;
  /** A real Kafka with these properties; undefined where there is none to be had. */
  readonly startKafka:
    | ((options: { properties: Record<string, string | number> }) => Promise<SaslCluster>)
    | undefined;
  /** How long its tokens are good, ms. */
  readonly life: number;
  /** How often it asks for one while the broker wants another three times, at least and at most. */
  readonly asks: readonly [least: number, most: number];
}

/** SASL/OAUTHBEARER by a function that gives tokens, on a real Kafka; and what is refused without brokers. */
export function describeTokens({ clientOn, createVelo, startKafka, life, asks }: TokensUnderTest): void {
  describe.skipIf(startKafka === undefined)('SASL/OAUTHBEARER', () => {
    let cluster: SaslCluster | undefined;
    beforeAll(async () => {
      cluster = await startKafka?.({
        properties: {
          'sasl.enabled.mechanisms': 'PLAIN,OAUTHBEARER',
          'listener.name.sasl.oauthbearer.sasl.jaas.config':
            'org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="broker";',
          'listener.name.sasl.oauthbearer.connections.max.reauth.ms': REAUTHENTICATION,
        },
      });
    }, START_LIMIT);
    afterAll(() => cluster?.stop());
    const address = () => ({ bootstrapServers: (cluster?.saslBrokers ?? []).join(',') });

    it('gives every kind of client a token, and another one before it ends', {
      timeout: 60_000,
    }, async () => {
      let asked = 0;
      const told = new Told();
      const client = clientOn(address(), properties, {
        token: async () => {
          asked++;
          return unsecuredToken(life);
        },
      });
      const topic = uniqueName('topic');
      await client.createTopics([{ topic, partitions: 1, replicationFactor: 1 }]);
      while ((await client.partitionCount(topic).catch(() => 0)) === 0) await sleep(50);
      const member = await client.join(
        { groupId: uniqueName('group'), topics: [topic], transactional: true },
        told,
      );
      await member.transactions?.fence([{ topic, partition: 0 }]);
      const begin = performance.now();
      const values: string[] = [];
      while (performance.now() - begin < 3 * REAUTHENTICATION) {
        values.push(`${values.length}`);
        expect(await client.publish([record(topic, 0, values.at(-1) as string)])).toMatchObject([
          { written: true },
        ]);
        await until(() => told.all.length === values.length);
        await sleep(200);
      }
      expect(told.crashes).toEqual([]);
      expect(asked).toBeGreaterThanOrEqual(asks[0]);
      expect(asked).toBeLessThanOrEqual(asks[1]);
      await client.close();
      const before = asked;
      await sleep(life);
      expect(asked).toBe(before);
    });

    it('says that the brokers do not take a token', { timeout: 30_000 }, async () => {
      const client = clientOn(address(), properties, { token: async () => 'no.token.' });
      await expect(client.connect()).rejects.toMatchObject({ code: -169 });
      await client.close();
    });

    it('goes on trying where no other token is to be had, says so, and recovers', {
      timeout: 60_000,
    }, async () => {
      const errors: string[] = [];
      let broken = false;
      const velo = createVelo(
        { 'bootstrap.servers': address().bootstrapServers, ...properties },
        {
          token: async () => {
            if (broken) throw new Error('the identity provider is away');
            return unsecuredToken(1_500);
          },
          logger: { info() {}, warn() {}, error: (message: string) => errors.push(message) },
        },
      );
      const topic = uniqueName('topic');
      await velo.ensureTopics([{ topic, partitions: 1, replicationFactor: 1 }]);
      const producer = velo.producer();
      await producer.send({ topic, messages: [{ value: 'a' }] });
      broken = true;
      await until(() => errors.some((error) => /identity provider is away/.test(error)), 15_000);
      broken = false;
      await producer.send({ topic, messages: [{ value: 'b' }] });
      await velo.close();
    });
  });

  describe('without a token', () => {
    const create = (more: object, options: object = {}) =>
      createVelo({ 'bootstrap.servers': 'localhost:1', ...properties, ...more }, options);

    it.for([
      [{}, {}, /OAUTHBEARER.*a function 'token'/],
      [{ 'sasl.mechanisms': 'PLAIN' }, { token: anyToken }, /is not OAUTHBEARER/],
      [{ 'enable.sasl.oauthbearer.unsecure.jwt': true }, { token: anyToken }, /librdkafka's own/],
      [{}, { token: 'x' }, /'token' is no function/],
    ] as const)('or with one of no use, it is refused: %o %o', ([more, options, words]) => {
      expect(() => create(more, options)).toThrow(
        expect.objectContaining({ code: 'VELO_INVALID_OPTION', message: expect.stringMatching(words) }),
      );
    });

    it('a source that fails is told to whoever connects', async () => {
      const client = clientOn({ bootstrapServers: '127.0.0.1:1' }, properties, {
        token: async (): Promise<string> => {
          throw new Error('the identity provider is away');
        },
      });
      await expect(client.connect()).rejects.toMatchObject({
        code: 'VELO_CLIENT',
        message: expect.stringContaining('the identity provider is away'),
      });
      await client.close();
    });
  });
}
