import type { Socket } from 'node:net';

/** What a listener says of logins, whoever asks. */
export interface SaslAnswer {
  /** UNSUPPORTED_SASL_MECHANISM where it wants a login, ILLEGAL_SASL_STATE where it wants none. */
  readonly code: number;
  readonly mechanisms: readonly string[];
}

/** SaslHandshake, version 1, for a mechanism that there is not: the answer lists those that there are. */
const REQUEST = request(17, 1, Buffer.from([0, 1, '?'.charCodeAt(0)]));

/** The longest answer that is read, in bytes. */
const LONGEST = 4_096;

/** Asks over a connection that is open; undefined where the answer is none of Kafka's, or does not come in time. */
export function askForMechanisms(socket: Socket, patience: number): Promise<SaslAnswer | undefined> {
  return new Promise((resolve) => {
    let answer = Buffer.alloc(0);
    const end = (told?: SaslAnswer) => {
      socket.destroy();
      resolve(told);
    };
    socket.setTimeout(patience, () => end());
    socket.on('error', () => end());
    socket.on('close', () => end());
    socket.on('data', (chunk: Buffer) => {
      answer = Buffer.concat([answer, chunk]);
      if (answer.length < 4) return;
      const size = answer.readInt32BE(0);
      if (size < 10 || size > LONGEST) end();
      else if (answer.length >= 4 + size) end(read(answer.subarray(4, 4 + size)));
    });
    socket.write(REQUEST);
  });
}

/** Correlation 0, no client's name. */
function request(api: number, version: number, body: Buffer): Buffer {
  const head = Buffer.from([0, api, 0, version, 0, 0, 0, 0, 0xff, 0xff]);
  const size = Buffer.alloc(4);
  size.writeInt32BE(head.length + body.length);
  return Buffer.concat([size, head, body]);
}

function read(answer: Buffer): SaslAnswer | undefined {
  if (answer.readInt32BE(0) !== 0) return undefined;
  const mechanisms: string[] = [];
  let at = 10;
  for (let left = answer.readInt32BE(6); left > 0 && at + 2 <= answer.length; left--) {
    const length = Math.max(0, answer.readInt16BE(at));
    mechanisms.push(answer.toString('utf8', at + 2, at + 2 + length));
    at += 2 + length;
  }
  return { code: answer.readInt16BE(4), mechanisms };
}
