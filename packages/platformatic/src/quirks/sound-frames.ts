// Shown by test/sound-frames.test.ts.
import type { PlatformaticConnection, PlatformaticSocket } from '../api.js';

/** Bytes of one answer: a hundred times what a fetch takes at velo's defaults. */
const MAX_FRAME = 2 ** 30;
const HEAD = 4;

/**
 * Drops a connection whose answers make no sense. The client takes any size that an answer claims, and reads it within a
 * socket's event: what it throws there would end the process.
 */
export function soundFrames(connection: PlatformaticConnection): void {
  connection.on('connecting', () => {
    // The client makes its socket, and then listens to it once it is open.
    queueMicrotask(() => {
      const { socket } = connection;
      for (const event of ['connect', 'secureConnect'] as const) socket?.once(event, () => guard(socket));
    });
  });
}

function guard(socket: PlatformaticSocket): void {
  const readers = socket.listeners('data');
  if (readers.length === 0) return;
  const frames = new Frames();
  for (const reader of readers) socket.off('data', reader);
  socket.on('data', (chunk) => {
    try {
      frames.pass(chunk);
      for (const reader of readers) reader(chunk);
    } catch (error) {
      socket.destroy(error as Error);
    }
  });
}

/** Follows the sizes of answers through the chunks that they come in. */
export class Frames {
  /** Of the answer that is coming. */
  #left = 0;
  readonly #head = Buffer.alloc(HEAD);
  #headBytes = 0;

  /** @throws where an answer has a size that none has */
  pass(chunk: Buffer): void {
    for (let at = 0; at < chunk.length; ) {
      if (this.#left > 0) {
        const taken = Math.min(this.#left, chunk.length - at);
        this.#left -= taken;
        at += taken;
        continue;
      }
      this.#head[this.#headBytes++] = chunk[at++] as number;
      if (this.#headBytes < HEAD) continue;
      this.#headBytes = 0;
      this.#left = this.#head.readInt32BE();
      // A correlation id at the least.
      if (this.#left < HEAD || this.#left > MAX_FRAME)
        throw new Error(
          `a broker sends an answer of ${this.#left} bytes, so this is no Kafka that velo can read`,
        );
    }
  }
}
