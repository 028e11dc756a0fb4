import { expect, it } from 'vitest';
import { checkNode } from '../src/connection/check-node.js';
import { memberConfig } from '../src/connection/member-config.js';
import { createVelo } from '../src/index.js';

const OPTIONS = { clientId: 'shop', bootstrapBrokers: ['localhost:9092'] };

it.each<[unknown, string]>([
  [{ brokers: ['localhost:9092'], clientId: 'shop' }, 'an object with `brokers`, `clientId`'],
  [{ 'bootstrap.servers': 'localhost:9092' }, 'an object with `bootstrap.servers`'],
  [class Kafka {}, 'a function or a class'],
  [['localhost:9092'], 'an array'],
  [undefined, 'undefined'],
  ['localhost:9092', 'a text'],
])('what are no options of a client is refused: %o', (given, told) => {
  const make = () => createVelo(given as never);
  expect(make).toThrow(expect.objectContaining({ code: 'VELO_INVALID_OPTION' }));
  expect(make).toThrow(
    `createVelo() expects the options of @platformatic/kafka's clients, got ${told}. Nothing has connected.`,
  );
});

it.each<[object, string]>([
  [{ ...OPTIONS, conectTimeout: 1 }, 'Did you mean "connectTimeout"?'],
  [{ ...OPTIONS, compresion: 'gzip' }, 'Did you mean "compression"?'],
  [{ ...OPTIONS, clientId: 'my shop' }, 'clientId: a text without spaces'],
  [{ ...OPTIONS, bootstrapBrokers: [] }, 'bootstrapBrokers: at least one broker'],
  [{ ...OPTIONS, bootstrapBrokers: ['localhost:99999'] }, 'bootstrapBrokers: texts'],
  [{ ...OPTIONS, bootstrapBrokers: [7] }, 'bootstrapBrokers: texts'],
  [{ ...OPTIONS, timeout: Number.NaN }, 'timeout: whole milliseconds above 0'],
  [{ ...OPTIONS, compression: 'brotli' }, 'compression: one of none, gzip'],
])('an option that the client would fail on later is refused: %o', (given, told) => {
  expect(() => createVelo(given as never)).toThrow(told);
});

it("options of the client's own consumers and producers may stand there", () => {
  const shared = { ...OPTIONS, retries: 3, metadataMaxAge: 1_000, autocreateTopics: false };
  expect(() => createVelo(shared as never)).not.toThrow();
});

it('an option that there is not is refused', () => {
  expect(() => createVelo(OPTIONS, { loger: console } as never)).toThrow('Did you mean "logger"?');
});

it.each(['18.20.0', '20.20.2', '22.21.1', '23.11.0', '24.5.0'])(
  'a Node that the client does not run on is refused at once: %s',
  (version) => {
    const check = () => checkNode(version);
    expect(check).toThrow(expect.objectContaining({ code: 'VELO_NOT_SUPPORTED' }));
    expect(check).toThrow(`needs Node 22.22, 24.6 or newer, and this is ${version}. Nothing has connected.`);
  },
);

it.each(['22.22.0', '22.30.1', '24.6.0', '24.22.3', '25.0.0', '26.1.0'])(
  'one that it runs on is not: %s',
  (version) => {
    expect(() => checkNode(version)).not.toThrow();
  },
);

it.each<[object, string, string]>([
  [{ groupProtocol: 'consumer' }, 'VELO_NOT_SUPPORTED', 'by the classic protocol alone'],
  [{ sesionTimeout: 1 }, 'VELO_INVALID_OPTION', 'Did you mean "sessionTimeout"?'],
  [{ maxWaitTime: -1 }, 'VELO_INVALID_OPTION', 'client.maxWaitTime'],
  [{ groupInstanceId: '' }, 'VELO_INVALID_OPTION', 'client.groupInstanceId'],
])('a consumer is refused what its client cannot do: %o', (client, code, told) => {
  const make = () => memberConfig({ groupId: 'g', topics: ['t'], client });
  expect(make).toThrow(expect.objectContaining({ code }));
  expect(make).toThrow(told);
});
