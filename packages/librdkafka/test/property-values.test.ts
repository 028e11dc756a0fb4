import { expect, it } from 'vitest';
import { checkProperties } from '../src/properties/check-properties.js';
import { checkValues } from '../src/properties/property-values.js';

/** librdkafka: of a number it reads as much as there is, of a text all. */
const takes = (name: string, value: string) =>
  name === 'client.id' ||
  (name === 'linger.ms' && /^\.?\d/.test(value)) ||
  (name === 'fetch.wait.max.ms' && /^\d/.test(value));

it.each([
  ['linger.ms', 1.5],
  ['linger.ms', '0.5'],
  ['fetch.wait.max.ms', 100],
  ['fetch.wait.max.ms', '100'],
  ['client.id', '10s'],
  ['client.id', true],
])('takes %s: %s', (name, value) => {
  expect(() => checkValues(takes, { [name]: value })).not.toThrow();
});

it.each([
  ['fetch.wait.max.ms', '10s', /not a whole number of milliseconds/],
  ['fetch.wait.max.ms', 1.5, /not a whole number/],
  ['fetch.wait.max.ms', 2 ** 32 + 4, /below 2\^31/],
  ['linger.ms', '5e1', /not a number in plain digits/],
  ['client.id', null, /is null/],
  ['client.id', () => {}, /is a function/],
])('refuses %s: %s, which would be taken for something else', (name, value, message) => {
  expect(() => checkValues(takes, { [name]: value })).toThrow(message);
});

it.each([
  [{}, undefined, /'bootstrap.servers' is missing/],
  [{ 'bootstrap.servers': ' , ' }, undefined, /'bootstrap.servers' is missing/],
  [{ 'metadata.broker.list': 'a:1', 'sasl.mechanism': 'OAUTHBEARER' }, undefined, /nobody gives a token/],
  [{ 'bootstrap.servers': 'a:1' }, () => {}, /'sasl.mechanisms' is not OAUTHBEARER/],
])('refuses %o with the token source %s', (given, token, message) => {
  expect(() => checkProperties(() => true, 'Pass properties.', given, token)).toThrow(message);
});
