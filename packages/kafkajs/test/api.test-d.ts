import type { Kafka } from 'kafkajs';
import { expectTypeOf, test } from 'vitest';
import type { KafkaJs } from '../src/index.js';
import { createVelo } from '../src/index.js';

test("kafkajs's own client is accepted", () => {
  expectTypeOf<Kafka>().toExtend<KafkaJs>();
  expectTypeOf(createVelo).toBeCallableWith({} as Kafka);
});

test('what speaks only a part of the API is refused', () => {
  expectTypeOf<Pick<Kafka, 'admin' | 'producer'>>().not.toExtend<KafkaJs>();
  expectTypeOf<string>().not.toExtend<KafkaJs>();
});
