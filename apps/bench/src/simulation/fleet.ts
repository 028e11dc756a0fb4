import { RetryBudget, type RetryStrategy } from '@velo/retry-core';
import { seededRandom } from '@velo/testkit/random';
import { Broker, type BrokerOptions, type Outage } from './broker.js';
import { EventQueue } from './event-queue.js';
import { type OutageResult, Tally } from './tally.js';

export interface FleetOptions {
  readonly seed: number;
  /** Processes; each has one strategy and one budget. */
  readonly processes: number;
  /** Clients in each process: one call at a time each. */
  readonly clientsEach: number;
  /** Mean of a client's pause between two operations, ms. */
  readonly thinkTime: number;
  readonly broker: BrokerOptions;
  readonly outages: readonly Outage[];
  /** The end, if some never recover, ms. */
  readonly until: number;
  readonly strategy: (random: () => number) => RetryStrategy;
  readonly budget: boolean;
}

/** All clients notice within so many ms that the broker is down. */
const NOTICE = 100;

/** Clients that work, fail, wait and come back, in virtual time: the same options give the same result. */
export function simulateFleet(options: FleetOptions): OutageResult[] {
  const fleet = new Fleet(options);
  fleet.run();
  return fleet.results();
}

class Fleet {
  private readonly clients: number;
  private readonly queue: EventQueue;
  private readonly broker: Broker;
  private readonly random: () => number;
  private readonly strategies: RetryStrategy[];
  private readonly budgets: (RetryBudget | undefined)[];
  /** Of each client: failures of its operation so far; -1 while it pauses. */
  private readonly failures: Int32Array;
  private readonly waited: Float64Array;
  private readonly lastDelay: Float64Array;
  /** Of each client: whether the call that it waits for is served; a call is under way. */
  private readonly served: Uint8Array;
  private readonly calling: Uint8Array;
  /** One for each outage, and the number of the last one that has begun. */
  private readonly tallies: Tally[];
  private begun = -1;

  constructor(private readonly options: FleetOptions) {
    const { seed, processes, clientsEach, broker, outages } = options;
    this.clients = processes * clientsEach;
    this.queue = new EventQueue(this.clients);
    this.broker = new Broker(broker, outages);
    this.random = seededRandom(seed);
    this.strategies = Array.from({ length: processes }, (_, i) =>
      options.strategy(seededRandom(seed * 7_919 + i + 1)),
    );
    this.budgets = this.strategies.map(() => (options.budget ? new RetryBudget() : undefined));
    this.failures = new Int32Array(this.clients).fill(-1);
    this.waited = new Float64Array(this.clients);
    this.lastDelay = new Float64Array(this.clients);
    this.served = new Uint8Array(this.clients);
    this.calling = new Uint8Array(this.clients);
    this.tallies = outages.map((outage) => new Tally(outage, this.clients));
  }

  run(): void {
    for (let client = 0; client < this.clients; client++) this.pause(client, 0);
    for (let event = this.queue.pop(); event !== undefined; event = this.queue.pop()) {
      const { client, time } = event;
      if (time > this.options.until) return;
      while (time >= (this.options.outages[this.begun + 1]?.from ?? Infinity)) this.begun++;
      if (this.calling[client] === 1) this.answered(client, time);
      else this.call(client, time);
    }
  }

  results(): OutageResult[] {
    return this.tallies.map((tally) => tally.result());
  }

  private pause(client: number, now: number): void {
    this.failures[client] = -1;
    const thought = now - Math.log(1 - this.random()) * this.options.thinkTime;
    // Its connection breaks when the broker goes down, so it notices together with all others.
    const noticed = (this.options.outages[this.begun + 1]?.from ?? Infinity) + this.random() * NOTICE;
    this.queue.push(client, Math.min(thought, noticed));
  }

  private call(client: number, now: number): void {
    if (this.failures[client] === -1) {
      this.failures[client] = 0;
      this.waited[client] = 0;
      this.lastDelay[client] = 0;
      this.budgetOf(client)?.deposit();
    }
    const answer = this.broker.call(now);
    this.tallies[this.begun]?.called(now);
    this.calling[client] = 1;
    this.served[client] = answer.served ? 1 : 0;
    this.queue.push(client, answer.at);
  }

  private answered(client: number, now: number): void {
    this.calling[client] = 0;
    const strategy = this.strategyOf(client);
    const waited = this.waited[client] as number;
    const failures = this.failures[client] as number;
    if (this.served[client] === 1) {
      if (failures > 0) strategy.observe?.({ category: 'NetworkIssue', waited, succeeded: true });
      this.tallies[this.begun]?.served(client, now);
      this.pause(client, now);
      return;
    }
    this.tallies[this.begun]?.failed(client);
    strategy.observe?.({ category: 'NetworkIssue', waited, succeeded: false });
    const budget = this.budgetOf(client);
    if (budget !== undefined && !budget.withdraw(now)) {
      this.tallies[this.begun]?.gaveUp();
      this.pause(client, now);
      return;
    }
    const previous = failures === 0 ? undefined : (this.lastDelay[client] as number);
    const delay = strategy.delay(failures, previous);
    this.failures[client] = failures + 1;
    this.waited[client] = waited + delay;
    this.lastDelay[client] = delay;
    this.queue.push(client, now + delay);
  }

  private strategyOf(client: number): RetryStrategy {
    return this.strategies[Math.floor(client / this.options.clientsEach)] as RetryStrategy;
  }

  private budgetOf(client: number): RetryBudget | undefined {
    return this.budgets[Math.floor(client / this.options.clientsEach)];
  }
}
