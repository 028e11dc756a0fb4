/**
 * The partition of a key, as Kafka's own clients choose it: murmur2 over its bytes
 * (org.apache.kafka.clients.producer.internals.BuiltInPartitioner#partitionForKey). Both adapters use it, so equal
 * keys go to equal partitions whatever the client.
 */
export function partitionForKey(key: Uint8Array, partitions: number): number {
  return (murmur2(key) & 0x7fffffff) % partitions;
}

/** 32-bit MurmurHash2 with Kafka's seed (org.apache.kafka.common.utils.Utils#murmur2). */
function murmur2(data: Uint8Array): number {
  const { length } = data;
  const m = 0x5bd1e995;
  const byte = (i: number) => data[i] as number;
  let h = 0x9747b28c ^ length;
  const whole = length & ~3;
  for (let i = 0; i < whole; i += 4) {
    let k = byte(i) | (byte(i + 1) << 8) | (byte(i + 2) << 16) | (byte(i + 3) << 24);
    k = Math.imul(k, m);
    k = Math.imul(k ^ (k >>> 24), m);
    h = Math.imul(h, m) ^ k;
  }
  if (length > whole) {
    if (length > whole + 2) h ^= byte(whole + 2) << 16;
    if (length > whole + 1) h ^= byte(whole + 1) << 8;
    h = Math.imul(h ^ byte(whole), m);
  }
  h = Math.imul(h ^ (h >>> 13), m);
  return h ^ (h >>> 15);
}
