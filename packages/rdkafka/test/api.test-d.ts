import type library from 'node-rdkafka';
import { expectTypeOf, test } from 'vitest';
import type { RdKafka } from '../src/index.js';
import { createVelo, openRdKafkaClient } from '../src/index.js';

test("node-rdkafka's own library is accepted", () => {
  expectTypeOf<typeof library>().toExtend<RdKafka>();
  expectTypeOf(openRdKafkaClient).toBeCallableWith({} as typeof library, { 'bootstrap.servers': '' });
  expectTypeOf(createVelo).toBeCallableWith({ 'bootstrap.servers': '' });
});

test('what speaks only a part of the API is refused', () => {
  expectTypeOf<Pick<typeof library, 'Producer' | 'AdminClient'>>().not.toExtend<RdKafka>();
  expectTypeOf<string>().not.toExtend<RdKafka>();
});
