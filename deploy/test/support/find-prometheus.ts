import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

export interface Prometheus {
  /** Paths of the programs. */
  readonly server: string;
  readonly promtool: string;
}

/** For each step of getting Debian's package, ms. */
const STEP_LIMIT = 60_000;

/**
 * A Prometheus of this machine, found on the path. In CI, where there is none, Debian's package is unpacked beside the system,
 * if it can be had: nothing is installed.
 */
export function findPrometheus(): Prometheus | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return (
    folders.map(inFolder).find((found) => found !== undefined) ?? (process.env.CI ? unpacked() : undefined)
  );
}

function inFolder(folder: string): Prometheus | undefined {
  const found = { server: join(folder, 'prometheus'), promtool: join(folder, 'promtool') };
  return existsSync(found.server) && existsSync(found.promtool) ? found : undefined;
}

function unpacked(): Prometheus | undefined {
  const folder = join(tmpdir(), 'velo-prometheus');
  const programs = join(folder, 'usr/bin');
  const run = (program: string, ...args: string[]) =>
    execFileSync(program, args, { cwd: folder, stdio: 'ignore', timeout: STEP_LIMIT });
  try {
    if (inFolder(programs) === undefined) {
      mkdirSync(folder, { recursive: true });
      try {
        run('apt-get', 'download', 'prometheus');
      } catch {
        // The list of packages may never have been fetched.
        run('apt-get', 'update');
        run('apt-get', 'download', 'prometheus');
      }
      const [file = ''] = readdirSync(folder).filter((name) => name.endsWith('.deb'));
      run('dpkg', '-x', join(folder, file), folder);
    }
  } catch {
    return undefined;
  }
  return inFolder(programs);
}
