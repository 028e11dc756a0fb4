import { classifyKafkaError } from '@velo/retry-core';
import { describe, expect, it } from 'vitest';
import { undelivered } from '../src/errors.js';

describe('a record whose partition has vanished', () => {
  const TEXT = 'broker handle destroyed for termination';

  it.each([-197, -1])('may be tried again, as one of a missing topic: code %i of node-rdkafka', (code) => {
    const error = undelivered(Object.assign(new Error(TEXT), { code, errno: code, origin: 'local' }));
    expect(classifyKafkaError(error)).toMatchObject({ code: 3, category: 'TopicMissing', retry: true });
    expect((error as Error).message).toContain(TEXT);
  });
});
