const HOST = Buffer.from('127.0.0.1');

/** In Kafka's answers a port stands in four bytes behind its host. */
export function renamed(chunk: Buffer, from: number, to: number): Buffer {
  const named = Buffer.concat([HOST, Buffer.alloc(4)]);
  named.writeInt32BE(from, HOST.length);
  let copy: Buffer | undefined;
  for (let at = chunk.indexOf(named); at >= 0; at = chunk.indexOf(named, at + named.length)) {
    copy ??= Buffer.from(chunk);
    copy.writeInt32BE(to, at + HOST.length);
  }
  return copy ?? chunk;
}
