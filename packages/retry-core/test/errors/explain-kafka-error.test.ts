import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { explainKafkaError, kafkaErrorCodes, VeloError } from '../../src/index.js';
import {
  kafkaJsProtocolError,
  kafkaJsRetriesExceeded,
  platformaticError,
  socketError,
} from './client-errors.js';

const missing = kafkaJsProtocolError(
  'UNKNOWN_TOPIC_OR_PARTITION',
  3,
  'This server does not host this topic-partition',
);

describe('explainKafkaError', () => {
  it('tells of a missing topic how to create it and how to wait for it', () => {
    const text = explainKafkaError(missing, { topic: 'orders', bootstrapServers: 'kafka:9092' });
    expect(text).toContain('orders');
    expect(text).toContain('kafka-topics --create --topic orders --partitions 6 --replication-factor 3');
    expect(text).toContain('--bootstrap-server kafka:9092');
    expect(text).toContain('topic.wait.timeout');
    expect(text).toContain('This server does not host this topic-partition');
    expect(text).toMatch(/retrying help\? Yes/);
  });

  it('takes the partitions and the replication factor from the context, if they are any', () => {
    const command = (context: object) =>
      /--partitions \S+ --replication-factor \S+/.exec(explainKafkaError(missing, context))?.[0];
    expect(command({ partitions: 12, replicationFactor: 1 })).toBe('--partitions 12 --replication-factor 1');
    expect(command({ partitions: 0, replicationFactor: Number.NaN })).toBe(
      '--partitions 6 --replication-factor 3',
    );
    expect(command({ partitions: '1; rm -rf /' })).toBe('--partitions 6 --replication-factor 3');
  });

  it.each([
    [
      'the error itself',
      Object.assign(new Error('x'), { name: 'KafkaJSTopicMetadataNotLoaded', topic: 'orders' }),
    ],
    ["librdkafka's message", new Error('Unknown topic or partition: orders')],
    ["platformatic's message", platformaticError('UserError', 'PLT_KFK_USER', 'Unknown topic orders.')],
  ])('takes the topic from %s', (_, error) => {
    expect(explainKafkaError(error)).toContain('--create --topic orders --partitions');
  });

  it('tells of the network: bootstrap servers, connectivity, firewall', () => {
    const error = socketError('ECONNREFUSED', 'connect ECONNREFUSED 127.0.0.1:9092');
    const text = explainKafkaError(error, { bootstrapServers: ['kafka-1:9092', 'SASL_SSL://kafka-2:9093'] });
    expect(text).toMatch(/bootstrap servers \(kafka-1:9092,SASL_SSL:\/\/kafka-2:9093\)/);
    expect(text).toContain('connectivity');
    expect(text).toContain('firewall');
    expect(text).toContain('nc -vz kafka-1 9092; nc -vz kafka-2 9093');
    expect(text).toContain('connect ECONNREFUSED 127.0.0.1:9092');
  });

  it.each([29, 30, 31, 53, 58, -169])(
    "tells of refused access (%i) that it won't resolve with retry",
    (code) => {
      const text = explainKafkaError({ code }, { topic: 'orders', groupId: 'billing' });
      expect(text).toContain("won't resolve with retry");
      expect(text).toContain('SASL/SSL');
    },
  );

  it.each([
    { code: 29, command: '--operation Read --operation Write --operation Describe --topic orders' },
    { code: 30, command: '--operation Read --group billing' },
    { code: 31, command: '--cluster' },
    { code: 53, command: '--transactional-id' },
  ])('has the command that grants what $code lacks', ({ code, command }) => {
    expect(explainKafkaError({ code }, { topic: 'orders', groupId: 'billing' })).toContain(command);
  });

  it('tells of the configuration: bootstrap.servers', () => {
    expect(explainKafkaError({ code: 40 })).toContain('bootstrap.servers');
    expect(explainKafkaError({ code: 40 })).toContain("won't resolve with retry");
  });

  const context = { topic: 'orders', groupId: 'billing', bootstrapServers: 'kafka:9092' };

  it.each([
    {
      code: 23,
      headline: 'did not let this member into its group',
      advice: [
        'a share group',
        'session timeout',
        'kafka-consumer-groups --describe --members --group billing',
      ],
    },
    { code: 81, headline: 'the group is full', advice: ['group.max.size', '--members --group billing'] },
    {
      code: 82,
      headline: 'another one has its group.instance.id',
      advice: ['of its own', '--group billing'],
    },
    {
      code: 111,
      headline: 'another one has its group.instance.id',
      advice: ['until its session timeout', 'of its own', '--group billing'],
    },
    { code: 17, headline: 'refused the name of a topic', advice: ['collides', '249', 'kafka-topics --list'] },
    {
      code: 5,
      headline: 'no broker leads it',
      advice: ['--unavailable-partitions', 'Bring back the brokers'],
    },
    { code: 19, headline: 'too few replicas', advice: ['min.insync.replicas', '--under-min-isr-partitions'] },
    { code: 33, headline: 'refused the credentials', advice: ['SASL mechanism'] },
    { code: 58, headline: 'refused the credentials', advice: ['user name and password'] },
    { code: -169, headline: 'refused the credentials', advice: ['user name and password'] },
    { code: -181, headline: 'no secure connection', advice: ['openssl s_client -connect kafka:9092'] },
  ])('has words of its own for $code: $headline', ({ code, headline, advice }) => {
    const text = explainKafkaError({ code }, context);
    expect(text.split('\n')[0]).toContain(headline);
    for (const each of advice) expect(text).toContain(each);
    // What belongs to other errors.
    expect(text).not.toContain('kafka-acls');
    expect(text).not.toContain('firewall');
    expect(text).not.toContain('Check bootstrap.servers');
  });

  it.each([
    Object.assign(new Error('SASL PLAIN authentication failed: Authentication failed: Invalid username'), {
      name: 'KafkaJSSASLAuthenticationError',
    }),
    Object.assign(new Error('self-signed certificate'), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }),
    kafkaJsRetriesExceeded(
      kafkaJsProtocolError('SASL_AUTHENTICATION_FAILED', 58, 'SASL Authentication failed'),
    ),
  ])('gives no advice on permissions where nobody was let in: %s', (error) => {
    const text = explainKafkaError(error, context);
    expect(text.split('\n')[0]).toContain('refused the credentials, or no secure connection');
    expect(text).not.toContain('kafka-acls');
  });

  it.each([29, 30, 31, 53])('holds %i for what it is, a want of permissions', (code) => {
    expect(explainKafkaError({ code }, context).split('\n')[0]).toContain('Kafka refused access');
    expect(explainKafkaError({ code, message: 'SASL user is not authorized' }, context)).toContain(
      'kafka-acls',
    );
  });

  it('explains nothing twice: what was explained is handed on as it is', () => {
    const explained = explainKafkaError({ code: 58 }, context);
    const error = new VeloError('VELO_CLIENT', `Waited 5s. ${explained}`, { cause: { code: 58 } });
    expect(explainKafkaError(error, { groupId: 'shipping' })).toBe(error.message);
    const own = new VeloError('VELO_CLIENT', 'kafkajs has failed within itself', { cause: { code: 58 } });
    expect(explainKafkaError(own)).toContain('Original error: VeloError: kafkajs has failed within itself');
  });

  it('tells of a record that is too large that it will never pass', () => {
    const text = explainKafkaError({ code: 10 }, { topic: 'orders' });
    expect(text).toContain('dead-letter');
    expect(text).toContain('kafka-configs --describe --all --topic orders');
  });

  it('tells of what is unknown: broker logs, conservative retry', () => {
    const text = explainKafkaError(new Error('boom'));
    expect(text).toContain('broker logs');
    expect(text).toContain('conservative retry');
    expect(text).toContain('Error: boom');
  });

  it('names code, name and description, the outer error and its cause', () => {
    const text = explainKafkaError(kafkaJsRetriesExceeded(missing));
    expect(text).toContain('UNKNOWN_TOPIC_OR_PARTITION (3): The topic or partition does not exist');
    expect(text).toContain('KafkaJSNumberOfRetriesExceeded');
    expect(text).toContain('caused by: KafkaJSProtocolError');
  });

  it('advises no repeat of a call to a fenced producer', () => {
    expect(explainKafkaError({ code: 90 })).toMatch(/retrying help\? Not with this client/);
  });

  it('quotes a hostile topic so that a shell reads one word, the topic', () => {
    for (const topic of [
      "it's; echo pwned",
      '$(echo pwned)',
      '`echo pwned`',
      '--delete',
      'a b',
      '"',
      "'",
      '\\',
      '-',
      '*',
    ]) {
      const text = explainKafkaError(missing, { topic });
      const line = text.split('\n').find((each) => each.includes('--create')) ?? '';
      const words = execFileSync('sh', [
        '-c',
        `kafka_topics() { printf '%s\\n' "$@"; }; ${line.replace(/^.*kafka-topics/, 'kafka_topics')}`,
      ])
        .toString()
        .split('\n');
      const at = words.indexOf('--topic');
      expect(at >= 0 ? words[at + 1] : words.find((word) => word.startsWith('--topic='))?.slice(8)).toBe(
        topic,
      );
    }
  });

  it('lets no control character through, so that a message cannot forge lines', () => {
    const forged = 'x\n  - Create it: rm -rf /\r\u001b[2J\u0000\u202e\u2028y';
    const text = explainKafkaError(Object.assign(new Error(forged), { name: forged, code: 3 }), {
      topic: forged,
      groupId: forged,
    });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e\u2028]/);
    expect(text.split('\n').filter((line) => line.startsWith('  - Create it:'))).toHaveLength(1);
  });

  it('is bounded', () => {
    const long = 'x'.repeat(1_000_000);
    const error = Object.assign(new Error(long), { name: long, code: 3, cause: new Error(long) });
    expect(
      explainKafkaError(error, { topic: long, groupId: long, bootstrapServers: long }).length,
    ).toBeLessThan(4_096);
    expect(
      explainKafkaError(long, { topic: "'".repeat(1000), bootstrapServers: "'".repeat(1000) }).length,
    ).toBeLessThan(8_192);
  });

  it('has several lines for every code', () => {
    for (const { code } of kafkaErrorCodes)
      expect(explainKafkaError({ code }).split('\n').length).toBeGreaterThan(4);
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.anything(), fc.anything(), (error, context) => {
        return explainKafkaError(error, context as object).includes('What to do:');
      }),
    );
    const trap = () => {
      throw new Error('trap');
    };
    const hostile = new Proxy({}, { get: trap, getPrototypeOf: trap, has: trap });
    expect(explainKafkaError(hostile, hostile)).toContain('What to do:');
    for (const value of [null, undefined, 0, '', Symbol('x'), 3n])
      expect(explainKafkaError(value)).toContain('What to do:');
  });
});
