import type { DeadLetters, DeadLettersConfig } from '../../src/dead-letters/types.js';
import type { Observer } from '../../src/observing/observer.js';
import { createVeloOn, type Velo } from '../../src/velo.js';
import { MemoryCluster, type Stored } from './memory-cluster.js';
import { VirtualClock } from './virtual-clock.js';

const silent = { info() {}, warn() {}, error() {} };
const header = (name: string, value: string | number) => [name, Buffer.from(String(value))] as const;

/** What a dead letter's headers are to say. */
export interface Died {
  readonly value?: string | null;
  readonly key?: string | null;
  readonly group?: string;
  readonly source?: string;
  readonly partition?: number;
  readonly offset?: number;
  readonly reason?: string;
  readonly error?: string;
  readonly category?: string;
  readonly message?: string;
  readonly replays?: number;
  readonly timestamp?: number;
  readonly headers?: Stored['headers'];
}

/** A dead letter of velo's, of record `offset` of `orders` in group `billing`. */
export function died({ value = 'v', key = null, headers = [], ...rest }: Died = {}): Partial<Stored> {
  const { group = 'billing', source = 'orders', partition = 0, offset = 0, replays } = rest;
  return {
    key: key === null ? null : Buffer.from(key),
    value: value === null ? null : Buffer.from(value),
    ...(rest.timestamp !== undefined && { timestamp: rest.timestamp }),
    headers: [
      ...headers,
      header('velo-version', 1),
      header('velo-group', group),
      header('velo-attempt', 3),
      header('velo-original-topic', source),
      header('velo-original-partition', partition),
      header('velo-original-offset', offset),
      header('velo-original-timestamp', 1_000),
      header('velo-error-class', rest.error ?? 'Error'),
      header('velo-error-category', rest.category ?? 'Unknown'),
      header('velo-error-message', rest.message ?? 'down'),
      header('velo-reason', rest.reason ?? 'exhausted'),
      ...(replays === undefined ? [] : [header('velo-replays', replays)]),
    ],
  };
}

/** A cluster in memory with the dead letters of `orders` in group `billing`. */
export class DeadLettersInTest {
  readonly cluster = new MemoryCluster();
  readonly clock = new VirtualClock();
  readonly velos: Velo[] = [];
  observers: readonly Observer[] = [];

  constructor(partitions = 1) {
    this.cluster.wallTime = () => this.clock.wallTime();
    this.cluster.create('orders', partitions);
    this.cluster.create('orders-billing-dlt', partitions);
  }

  velo(): Velo {
    const { clock, observers } = this;
    const velo = createVeloOn(this.cluster.open, { clock, env: {}, logger: silent, observers });
    this.velos.push(velo);
    return velo;
  }

  letters(config: Partial<DeadLettersConfig> = {}): DeadLetters {
    return this.velo().deadLetters({ groupId: 'billing', ...config });
  }

  /** Lets time pass until it has ended. */
  async done<T>(work: Promise<T>, limit = 600_000): Promise<T> {
    let over = false;
    const ended = work.finally(() => {
      over = true;
    });
    ended.catch(() => {});
    for (let time = 0; !over && time < limit; time += 100) await this.clock.advance(100);
    if (!over) throw new Error('it has not ended');
    return ended;
  }

  async all<T>(list: AsyncIterable<T>): Promise<T[]> {
    return this.done(
      (async () => {
        const all: T[] = [];
        for await (const one of list) all.push(one);
        return all;
      })(),
    );
  }

  async end(): Promise<void> {
    const closing = this.velos.map((velo) => velo.close());
    await this.clock.advance(120_000);
    await Promise.all(closing);
    if (this.cluster.openClients !== 0) throw new Error(`${this.cluster.openClients} clients are left`);
    if (this.clock.pending !== 0) throw new Error(`${this.clock.pending} timers are left`);
  }
}
