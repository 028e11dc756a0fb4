import { describe, expect, it } from 'vitest';
import { FaultPlan } from '../src/faults/fault-plan.js';
import { identify } from '../src/films/identity.js';
import { produceFilms } from '../src/run/production.js';

async function* films(count: number) {
  for (let line = 1; line <= count; line++) yield { line, bytes: Buffer.from(`{"n":${line}}`) };
}

function production(total: number, send: (messages: { key: unknown }[]) => Promise<unknown>) {
  let sent = 0;
  const producer = {
    connect: async () => {},
    disconnect: async () => {},
    send: ({ messages }: { messages: { key: unknown }[] }) => send(messages),
  } as unknown as Parameters<typeof produceFilms>[0]['producer'];
  const faults = new FaultPlan([]);
  const signal = new AbortController().signal;
  const onSent = (n: number) => {
    sent += n;
  };
  const run = produceFilms({
    producer,
    topic: 'films',
    records: films(total),
    total,
    duration: 0,
    faults,
    onSent,
    signal,
  });
  return { run, sent: () => sent };
}

describe('produceFilms', () => {
  it.each([1, 79, 80, 81, 3_201])('sends each of %i films once, under its identity', async (total) => {
    const keys: unknown[] = [];
    const { run, sent } = production(
      total,
      async (messages) => void keys.push(...messages.map(({ key }) => key)),
    );
    await run;
    expect(sent()).toBe(total);
    expect(new Set(keys).size).toBe(total);
    expect(keys[0]).toBe(identify(1, Buffer.from('{"n":1}')));
  });

  it('goes on while a send is held up, and waits for it at the end', async () => {
    let release = () => {};
    let sends = 0;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { run } = production(40, async () => {
      if (++sends === 1) await held;
      if (sends === 40) release();
    });
    await run;
    expect(sends).toBe(40);
  });

  it('fails with what a send failed with', async () => {
    const { run } = production(40, () => Promise.reject(new Error('no broker')));
    await expect(run).rejects.toThrow('no broker');
  });
});
