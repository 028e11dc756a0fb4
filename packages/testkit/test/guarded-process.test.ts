import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { expect, it, vi } from 'vitest';

/** A dead process whose parent has not asked for its end yet (Z) counts as dead. */
function isAlive(pid: number): boolean {
  const state = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).stdout.trim();
  return state !== '' && !state.startsWith('Z');
}

/** A process that has started a guarded one; gives the id of the latter. */
async function startParent(then: string) {
  const source = `import { spawnGuarded } from '@velo/testkit';
    const child = spawnGuarded('sleep', ['60'], 1);
    console.log(child.pid); ${then}`;
  const parent = spawn(process.execPath, ['--input-type=module', '-e', source], {
    cwd: import.meta.dirname,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(parent.stdout, 'data');
  return { parent, pid: Number(line) };
}

it.each(['SIGKILL', 'SIGTERM', 'SIGINT'] as const)(
  'a guarded process dies with its parent on %s',
  async (signal) => {
    const { parent, pid } = await startParent('setInterval(() => {}, 1000);');
    expect(isAlive(pid)).toBe(true);
    parent.kill(signal);
    const [code, by] = await once(parent, 'exit');
    expect([code, by]).toEqual([null, signal]);
    await vi.waitFor(() => expect(isAlive(pid)).toBe(false));
  },
);

it('a guarded process does not keep its parent, and ends with it', async () => {
  const { parent, pid } = await startParent('');
  if (parent.exitCode === null) await once(parent, 'exit');
  expect(parent.exitCode).toBe(0);
  await vi.waitFor(() => expect(isAlive(pid)).toBe(false));
});
