import type { HealthFacts, HealthState } from '../../src/observing/health.js';

/** All is well. */
export const well: HealthFacts = {
  state: 'running',
  restarting: false,
  error: undefined,
  restarts: 0,
  lanes: [],
  pendingHandOffs: 0,
  failing: false,
  unread: [],
  held: [],
  scattered: [],
  waitingKeys: { keys: 0, records: 0 },
  disconnected: false,
  lastContact: undefined,
  lastError: undefined,
  stallAfter: 1_000,
  now: 5_000,
};
const place = { topic: 'orders', partition: 0 };
const lane = { ...place, position: 0, committed: 0, queued: 0, paused: false, running: [] };

/** What makes each state, and what probes are told. */
export const healthCases: readonly {
  state: HealthState;
  facts: Partial<HealthFacts>;
  live: boolean;
  ready: boolean;
}[] = [
  { state: 'starting', facts: { state: 'idle' }, live: true, ready: false },
  { state: 'starting', facts: { state: 'starting' }, live: true, ready: false },
  { state: 'running', facts: {}, live: true, ready: true },
  {
    state: 'running',
    facts: { held: [{ topic: 'orders', reason: 'rate', since: 0 }] },
    live: true,
    ready: true,
  },
  {
    state: 'paused',
    facts: { held: [{ topic: 'orders', reason: 'guard', since: 0 }] },
    live: true,
    ready: true,
  },
  { state: 'paused', facts: { lanes: [{ ...lane, paused: true }] }, live: true, ready: true },
  { state: 'stalled', facts: { lanes: [{ ...lane, running: [{ since: 4_000 }] }] }, live: true, ready: true },
  { state: 'unread', facts: { unread: [place] }, live: true, ready: true },
  { state: 'retrying', facts: { failing: true }, live: true, ready: true },
  { state: 'retrying', facts: { scattered: [place] }, live: true, ready: true },
  { state: 'retrying', facts: { restarting: true, disconnected: true }, live: true, ready: false },
  { state: 'disconnected', facts: { disconnected: true, failing: true }, live: true, ready: false },
  { state: 'dead', facts: { state: 'dead', error: new Error('gone') }, live: false, ready: false },
  { state: 'stopped', facts: { state: 'stopping' }, live: true, ready: false },
  { state: 'stopped', facts: { state: 'stopped' }, live: true, ready: false },
];
