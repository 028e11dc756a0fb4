import { expect, it } from 'vitest';
import { readFatalError } from '../src/errors/fatal-error.js';
import { readOffsetReset, readTopicId, withoutSource } from '../src/errors/log-line.js';

const RESET = 'orders.v1 [3]: offset reset (at offset 17 (leader epoch 2), broker 1) to offset BEGINNING';

it('a line of a position that was reset tells which', () => {
  expect(readOffsetReset({ fac: 'OFFSET', message: RESET })).toEqual({
    topic: 'orders.v1',
    partition: 3,
    offset: 17,
  });
  expect(readOffsetReset({ fac: 'FAIL', message: RESET })).toBeUndefined();
  expect(readOffsetReset({ fac: 'OFFSET', message: 'something else' })).toBeUndefined();
});

it('a line of a topic’s id tells it as Kafka prints it, and whether the topic was made again', () => {
  const line = (before: string) => ({
    fac: 'METADATA',
    message: `[thrd:main]: Topic orders.v1 changed id from ${before} to f/Tk07AjR8iF8m+SoQSrbg`,
  });
  const told = { topic: 'orders.v1', id: 'f_Tk07AjR8iF8m-SoQSrbg' };
  expect(readTopicId(line('AAAAAAAAAAAAAAAAAAAAAA'))).toEqual({ ...told, isMadeAgain: false });
  expect(readTopicId(line('lPb6u6BYTG6OAl8jLhCc9A'))).toEqual({ ...told, isMadeAgain: true });
  expect(readTopicId({ ...line('AAAAAAAAAAAAAAAAAAAAAA'), fac: 'FAIL' })).toBeUndefined();
  expect(
    readTopicId({ fac: 'METADATA', message: '[thrd:main]: orders.v1 [0]: Leader is 1' }),
  ).toBeUndefined();
});

it('a line of a fatal error gives its reason, and what Kafka calls it', () => {
  const message = 'Fatal error: Broker: Static consumer fenced by other consumer with same group.instance.id';
  expect(readFatalError({ fac: 'FATAL', message })).toMatchObject({ code: 82 });
  expect(readFatalError({ fac: 'FAIL', message })).toBeUndefined();
});

it('words on an error of OpenSSL’s do not name the place in its source', () => {
  const place = '../deps/openssl/crypto/x509/by_file.c:229:X509_load_cert_crl_file_ex';
  expect(
    withoutSource(`ssl.ca.location failed: ${place} error:05880002:x509 certificate routines::system lib`),
  ).toBe('ssl.ca.location failed: error:05880002:x509 certificate routines::system lib');
  expect(withoutSource('error:1 main.c:7:is gone')).toBe('error:1 main.c:7:is gone');
});
