import { expect, it } from 'vitest';
import { partitionForKey } from '../src/producer/partitioner.js';

/** From org.apache.kafka.common.utils.UtilsTest#testMurmur2. */
it.each([
  ['21', -973932308],
  ['foobar', -790332482],
  ['a-little-bit-long-string', -985981536],
  ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
  ['abc', 479470107],
])('puts the key %s where Kafka’s own clients put it', (key, hash) => {
  for (const partitions of [1, 6, 1_000, 0x7fffffff]) {
    expect(partitionForKey(Buffer.from(key), partitions)).toBe((hash & 0x7fffffff) % partitions);
  }
});
