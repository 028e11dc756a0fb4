import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type HealthFacts, type HealthState, healthOf } from '../src/observing/health.js';

const well: HealthFacts = {
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
const all: readonly { state: HealthState; facts: Partial<HealthFacts>; live: boolean; ready: boolean }[] = [
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

describe('health', () => {
  it.each(all)('is $state of $facts', ({ state, facts, live, ready }) => {
    expect(healthOf({ ...well, ...facts })).toMatchObject({ state, live, ready });
  });

  it('is a table of the README, with each state and what probes are told', () => {
    const page = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
    const section = page.split('\n## Health\n')[1]?.split('\n## ')[0] ?? '';
    const rows = [...section.matchAll(/^\| `(\w+)` \| .* \| ([^|]+) \| ([^|]+) \| [^|]+ \|$/gm)];
    const told = (cell: string | undefined) => (cell ?? '').split(/[,;]/)[0]?.trim();
    expect(rows.map(([, state, live]) => [state, told(live)])).toEqual(
      [...new Set(all.map(({ state }) => state))].map((state) => [
        state,
        all.some((one) => one.state === state && one.live) ? 'yes' : 'no',
      ]),
    );
    for (const [, state, , ready] of rows) {
      const answers = new Set(
        all.filter((one) => one.state === state).map((one) => (one.ready ? 'yes' : 'no')),
      );
      expect(answers.has(told(ready) as 'yes' | 'no'), `${state}: ${ready}`).toBe(true);
    }
  });
});
