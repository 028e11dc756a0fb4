import { isVeloError } from '@velo/engine';
import { describe, expect, it } from 'vitest';
import type { KafkaJsConnection } from '../src/api.js';
import { Connection } from '../src/connection/connection.js';

class FakeClient implements KafkaJsConnection {
  connects = 0;
  disconnects = 0;

  constructor(readonly connecting: Promise<void> = Promise.resolve()) {}

  connect(): Promise<void> {
    this.connects++;
    return this.connecting;
  }

  async disconnect(): Promise<void> {
    this.disconnects++;
  }
}

/** A connection over clients that connect as told, in turn; the last way goes on. */
function connectionOver(...ways: (() => Promise<void>)[]) {
  const clients: FakeClient[] = [];
  const connection = new Connection(() => {
    const way = ways[Math.min(clients.length, ways.length - 1)];
    const client = new FakeClient(way?.());
    clients.push(client);
    return client;
  });
  return { connection, clients };
}

const fails = () => Promise.reject(new Error('refused'));
const works = () => Promise.resolve();
const failure = (error: Error) => () => Promise.reject(error);

describe('Connection', () => {
  it('connects at the first use, once for all', async () => {
    const { connection, clients } = connectionOver(works);
    expect(clients).toHaveLength(0);
    expect(await Promise.all([connection.use(async () => 1), connection.use(async () => 2)])).toEqual([1, 2]);
    expect(clients).toMatchObject([{ connects: 1, disconnects: 0 }]);
  });

  it('forgets a connect that failed', async () => {
    const { connection, clients } = connectionOver(fails, works);
    const uses = [connection.use(async () => 1), connection.use(async () => 2)];
    expect((await Promise.allSettled(uses)).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await connection.use(async () => 3)).toBe(3);
    await connection.close();
    expect(clients).toMatchObject([{ disconnects: 1 }, { disconnects: 1 }]);
  });

  it('gives a new client after a failure, and ends the old one when its last use is over', async () => {
    const { connection, clients } = connectionOver(works);
    let finish = () => {};
    const long = connection.use(() => new Promise<void>((resolve) => (finish = resolve)));
    await expect(connection.use(failure(new Error('broken')))).rejects.toThrow('broken');
    await connection.use(async (client) => expect(client).toBe(clients[1]));
    expect(clients[0]?.disconnects).toBe(0);
    finish();
    await long;
    await connection.close();
    expect(clients).toMatchObject([{ disconnects: 1 }, { disconnects: 1 }]);
  });

  it('keeps the client where the failure says nothing against it', async () => {
    const { connection, clients } = connectionOver(works);
    await expect(connection.use(failure(new Error('too large')), () => true)).rejects.toThrow('too large');
    await connection.use(async () => {});
    expect(clients).toHaveLength(1);
  });

  it("tells a client's own TypeError from one of the call's", async () => {
    const { connection } = connectionOver(works);
    const bug = new TypeError("Cannot read properties of null (reading 'topicMetadata')");
    const error = await connection.use(failure(bug)).catch((thrown: unknown) => thrown);
    expect(isVeloError(error, 'VELO_CLIENT')).toBe(true);
    expect((error as Error).cause).toBe(bug);
  });

  it('closes after what is under way, also after a connect', async () => {
    let connected = () => {};
    const { connection, clients } = connectionOver(
      () => new Promise<void>((resolve) => (connected = resolve)),
    );
    const use = connection.use(async () => 'done');
    const closing = Promise.all([connection.close(), connection.close()]);
    expect(clients[0]?.disconnects).toBe(0);
    connected();
    expect(await use).toBe('done');
    await closing;
    expect(clients).toMatchObject([{ disconnects: 1 }]);
    await expect(connection.use(async () => {})).rejects.toMatchObject({ code: 'VELO_CLOSED' });
  });

  it('that was never used closes without a client', async () => {
    const { connection, clients } = connectionOver(works);
    await connection.close();
    expect(clients).toHaveLength(0);
  });
});
