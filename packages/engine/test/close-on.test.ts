import { afterEach, describe, expect, it } from 'vitest';
import { closeOnSignals, type EndSignal } from '../src/close-on.js';
import { createVeloOn } from '../src/velo.js';
import { MemoryCluster } from './support/memory-cluster.js';
import { VirtualClock } from './support/virtual-clock.js';

/** A process that can be sent signals, and tells whether it would end by one. */
class Process {
  readonly listeners = new Map<string, Set<() => void>>();

  on(signal: string, listener: () => void): void {
    this.listeners.set(signal, (this.listeners.get(signal) ?? new Set()).add(listener));
  }

  off(signal: string, listener: () => void): void {
    this.listeners.get(signal)?.delete(listener);
  }

  /** @returns whether anybody has heard it: if not, the process is gone */
  send(signal: EndSignal): boolean {
    const listeners = [...(this.listeners.get(signal) ?? [])];
    for (const listener of listeners) listener();
    return listeners.length > 0;
  }
}

function listening(signals: readonly EndSignal[] = ['SIGTERM', 'SIGINT']) {
  const source = new Process();
  const clock = new VirtualClock();
  const closed: string[] = [];
  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const close = (signal: string) => {
    closed.push(signal);
    return ended;
  };
  const forget = closeOnSignals(signals, { source, clock, close });
  return { source, clock, closed, end, forget };
}

describe('closing on signals', () => {
  it('closes once, whichever comes first', () => {
    const { source, closed } = listening();
    expect([source.send('SIGINT'), source.send('SIGTERM'), source.send('SIGHUP')]).toEqual([
      true,
      true,
      false,
    ]);
    expect(closed).toEqual(['SIGINT']);
  });

  it('takes what comes within a second for the same signal, and leaves a later one to the process', async () => {
    const { source, clock } = listening();
    source.send('SIGINT');
    await clock.advance(999);
    expect(source.send('SIGINT')).toBe(true);
    await clock.advance(1);
    expect([source.send('SIGINT'), source.send('SIGTERM')]).toEqual([false, false]);
  });

  it('hears nothing any more once all is closed, and leaves no timer', async () => {
    const { source, clock, end } = listening();
    source.send('SIGTERM');
    end();
    await clock.advance(0);
    expect([source.send('SIGTERM'), clock.pending]).toEqual([false, 0]);
  });

  it('hears nothing any more once that is taken back', () => {
    const { source, closed, forget } = listening();
    forget();
    expect(source.send('SIGTERM')).toBe(false);
    expect(closed).toEqual([]);
  });

  it.each([
    { signals: ['SIGTREM'], told: /no signal "SIGTREM".*"SIGTERM"/ },
    { signals: ['SIGKILL'], told: /no signal "SIGKILL"/ },
    { signals: [], told: /a list, such as/ },
    { signals: 'SIGTERM', told: /a list, such as/ },
  ])('refuses $signals', ({ signals, told }) => {
    expect(() => listening(signals as never)).toThrow(told);
  });
});

describe('velo.closeOn()', () => {
  const before = process.listenerCount('SIGUSR2');
  afterEach(() => expect(process.listenerCount('SIGUSR2')).toBe(before));

  it('closes each velo of the process that has it', async () => {
    const velos = [1, 2].map(() => createVeloOn(new MemoryCluster().open, { env: {} }));
    const consumers = velos.map((velo) => {
      velo.closeOn(['SIGUSR2']);
      return velo.consumer({ groupId: 'billing', topics: ['orders'], handler: () => {} });
    });
    process.emit('SIGUSR2', 'SIGUSR2');
    await Promise.all(velos.map((velo) => velo.close()));
    expect(consumers.map((consumer) => consumer.health().state)).toEqual(['stopped', 'stopped']);
  });

  it('is over with close(), and when it is taken back', async () => {
    const velo = createVeloOn(new MemoryCluster().open, { env: {} });
    velo.closeOn(['SIGUSR2']);
    velo.closeOn(['SIGUSR2'])();
    expect(process.listenerCount('SIGUSR2')).toBe(before + 1);
    await velo.close();
    expect(() => velo.closeOn(['SIGUSR2'])).toThrow(/closed/);
  });

  it('refuses limits that make no sense, at once', () => {
    const velo = createVeloOn(new MemoryCluster().open, { env: {} });
    expect(() => velo.closeOn(['SIGUSR2'], { timeout: '1s', abortAfter: '2s' })).toThrow(/abortAfter/);
    expect(() => velo.close({ timout: 1 } as never)).toThrow(/"timeout"/);
  });
});
