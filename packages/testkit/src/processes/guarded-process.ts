import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';

/** Processes that must not outlive this one. */
const live = new Set<ChildProcess>();
let guarded = false;

function killAll(): void {
  for (const child of live) child.kill('SIGKILL');
}

function guardOnce(): void {
  if (guarded) return;
  guarded = true;
  process.on('exit', killAll);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      killAll();
      // Ours was the only handler: without it the signal ends the process, as it would have
      if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
    });
  }
}

/** Kills the child when this process is gone, even by SIGKILL: the pipe to a shell that waits on it closes. */
function watch(child: ChildProcess): () => void {
  const script = 'cat > /dev/null; kill -9 "$1" 2> /dev/null';
  const watcher = spawn('sh', ['-c', script, 'sh', String(child.pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  watcher.unref();
  (watcher.stdin as unknown as Socket).unref();
  return () => {
    watcher.kill('SIGKILL'); // the shell first: it must not kill a stranger who got the id
    watcher.stdin.destroy();
  };
}

/**
 * Starts a process that dies with this one: at its end, at SIGINT, SIGTERM and SIGHUP, and at SIGKILL. It is
 * in a process group of its own, so that Ctrl-C does not reach it first, and it keeps no event loop alive.
 *
 * @param log file descriptor for its output
 */
export function spawnGuarded(command: string, args: readonly string[], log: number): ChildProcess {
  guardOnce();
  const child = spawn(command, args, { stdio: ['ignore', log, log], detached: true });
  child.unref();
  live.add(child);
  const unwatch = child.pid === undefined ? () => {} : watch(child);
  child.once('exit', () => {
    live.delete(child);
    unwatch();
  });
  return child;
}

/** When the process has ended; at once if it has already. */
export function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.ref(); // somebody waits now
    child.once('exit', () => resolve());
  });
}
