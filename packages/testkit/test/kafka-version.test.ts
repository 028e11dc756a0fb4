import { expect, it } from 'vitest';
import { kafkaVersion } from '../src/apache-kafka/jars.js';

it('is what VELO_KAFKA_VERSION says, or one that all tests are held to', () => {
  expect(kafkaVersion('3.9.2')).toBe('3.9.2');
  expect(kafkaVersion('4.4.0')).toBe('4.4.0');
  for (const unsaid of [undefined, '']) expect(kafkaVersion(unsaid)).toMatch(/^4\.\d+\.\d+$/);
});

it.each(['newest', '4.4', '3.2.3', '2.8.2', '4.4.0-rc1'])('cannot be %s', (text) => {
  expect(() => kafkaVersion(text)).toThrow(`from 3.3.0 on, got "${text}"`);
});
