import type { PublishOutcome } from '@velo/engine';
import { record } from '@velo/testkit/binding';
import { describe, expect, it } from 'vitest';
import { CODES, LibrdKafkaError } from '../src/errors/codes.js';
import { failuresOf } from '../src/sending/transactional-producer.js';

const MESSAGE_TOO_LARGE = 10;
const PURGED = new LibrdKafkaError(-152, 'Purged in queue');

describe('the failures of a transaction', () => {
  const refused = new LibrdKafkaError(MESSAGE_TOO_LARGE, 'Message size too large');
  const outcome = (error?: Error): PublishOutcome =>
    error === undefined ? { written: true } : { written: false, error };
  const failures = (...partitions: (Error | undefined)[][]) =>
    failuresOf(
      partitions.map((errors, partition) => ({
        offset: { topic: 'topic', partition, offset: 1 },
        copies: errors.map(() => record('copies', partition, 'copy')),
      })),
      partitions.flat().map(outcome),
    );

  it('suspect what was refused, not what was dropped because of it', () => {
    expect(failures([PURGED, undefined], [undefined, PURGED, refused, refused])).toEqual([
      { committed: false, error: expect.objectContaining({ code: 'VELO_CLIENT' }) },
      { committed: false, error: refused, suspects: [2, 3] },
    ]);
  });

  it('suspect nothing where everything was dropped', () => {
    expect(failures([undefined, PURGED], [PURGED])).toEqual([
      { committed: false, error: PURGED },
      { committed: false, error: PURGED },
    ]);
  });

  it('suspect all copies to topics that refuse them, where the transaction says so', () => {
    const denied = new LibrdKafkaError(CODES.TOPIC_AUTHORIZATION_FAILED, 'Topic authorization failed');
    const copies = (...topics: string[]) => topics.map((topic) => record(topic, 0, 'copy'));
    const handOvers = [copies('tier', 'letters', 'tier'), copies('letters')].map((all, partition) => ({
      offset: { topic: 'topic', partition, offset: 1 },
      copies: all,
    }));
    const outcomes = [PURGED, PURGED, PURGED, PURGED].map(outcome);
    expect(failuresOf(handOvers, outcomes, denied, new Set(['tier']))).toEqual([
      { committed: false, error: denied, suspects: [0, 2] },
      { committed: false, error: expect.objectContaining({ code: 'VELO_CLIENT' }) },
    ]);
    // Of no topic: it is about the transaction.
    expect(failuresOf(handOvers, outcomes, denied)).toEqual([
      { committed: false, error: denied },
      { committed: false, error: denied },
    ]);
  });
});
