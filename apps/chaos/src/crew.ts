import type { ChildProcess } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { nodeForClient } from '@velo/newer-node';
import { ended, spawnGuarded } from '@velo/testkit';
import { seedFor } from '@velo/testkit/random';
import type { ClientName } from './clients.js';
import type { ProcessHistory } from './history/entry.js';
import { HistoryReader } from './history/reader.js';
import { DIE_AT_HAND_OFF, type HandOffMode, LEAVE, type MemberSettings } from './member/settings.js';
import type { Version } from './plan/version.js';
import { CLOCK, MEMBER_PROGRAM } from './programs.js';
import { until } from './wait.js';

/** ms. A member that leaves commits and says farewell, while a broker may be down. */
const LEAVE_LIMIT = 30_000;
/** ms. Whoever runs services starts one again that could not start. */
const RESTARTED_AFTER = 1_000;
const MAX_RESTARTS = 50;
/** ms. While copies cannot be written there is no hand-off to die at. */
const HAND_OFF_LIMIT = 20_000;

/** Of what a process printed, shown where it ended as it must not. */
const LAST_LINES = 12;

/** A consumer in a process of its own. */
export interface Member {
  readonly name: string;
  readonly child: ChildProcess;
  readonly history: HistoryReader;
  /** The file that its process prints to. */
  readonly log: string;
  readonly version: Version;
  frozen: boolean;
  /** Told to leave, or killed. */
  leaving: boolean;
}

export interface CrewOptions {
  /** For histories and what the processes print. */
  readonly folder: string;
  readonly client: ClientName;
  readonly handOff: HandOffMode;
  /** Handlers of a partition at once. */
  readonly concurrency: number;
  /** Later records of a key follow one that waits in a tier. */
  readonly keepKeyOrder: boolean;
  /** Whether each source has a circuit breaker. */
  readonly breaker: boolean;
  readonly brokers: readonly string[];
  /** Of the run: each member draws by one of its own. */
  readonly seed: number;
}

/** The members of the group, past ones included. */
export class Crew {
  readonly all: Member[] = [];
  /** What went otherwise than it must. */
  readonly troubles: string[] = [];
  /** Of members that start from now on. */
  version: Version;
  readonly #options: CrewOptions;
  #restarts = 0;
  #isOver = false;

  constructor(options: CrewOptions, version: Version) {
    this.#options = options;
    this.version = version;
    if (!existsSync(MEMBER_PROGRAM)) throw new Error(`${MEMBER_PROGRAM} is not built: npm run build`);
  }

  /** Those that are alive and have not been told to leave. */
  get present(): Member[] {
    return this.all.filter((member) => !member.leaving && isAlive(member));
  }

  /** Those that are not frozen, and have partitions, or have been told that they get none. */
  get settled(): Member[] {
    return this.present.filter((member) => !member.frozen && hasJoined(member));
  }

  /** Members that had joined, and have ended though nobody told them to: how, and what they printed last. */
  get deserters(): string[] {
    return this.all
      .filter((member) => !member.leaving && !isAlive(member) && hasJoined(member))
      .map((member) => `${member.name} ended by itself: ${endOf(member)}`);
  }

  /** Members that could not start, as where a broker has just been killed, and were started again. */
  get failedStarts(): number {
    return this.#restarts;
  }

  start(version = this.version): Member {
    const { folder } = this.#options;
    const name = `member-${this.all.length + 1}`;
    const history = join(folder, `${name}.history`);
    const settings: MemberSettings = {
      ...this.#options,
      history,
      version,
      seed: seedFor(this.#options.seed, name),
    };
    const log = join(folder, `${name}.log`);
    const output = openSync(log, 'a');
    const child = spawnGuarded(
      nodeForClient(this.#options.client),
      ['--import', CLOCK, MEMBER_PROGRAM, JSON.stringify(settings)],
      output,
    );
    closeSync(output);
    const reader = new HistoryReader(history);
    const member: Member = { name, child, history: reader, log, version, frozen: false, leaving: false };
    this.all.push(member);
    child.once('exit', () => {
      if (!member.leaving && !hasJoined(member)) this.#restart(version);
    });
    return member;
  }

  #restart(version: Version): void {
    setTimeout(() => {
      if (this.#isOver || this.#restarts >= MAX_RESTARTS) return;
      this.#restarts++;
      this.start(version);
    }, RESTARTED_AFTER).unref();
  }

  /**
   * Resolves when each member that is present has partitions, or knows that it has none.
   *
   * @param since by an assignment from then on, ms since 1970
   */
  async joined(signal: AbortSignal, since = 0): Promise<void> {
    const isDone = () => this.present.every((member) => hasJoined(member, since));
    await until(isDone, 'all members have joined', { limit: 60_000, signal });
  }

  /** SIGSTOP: to the group it is as if it were dead. */
  freeze(member: Member): void {
    member.frozen = true;
    member.child.kill('SIGSTOP');
  }

  thaw(member: Member): void {
    member.child.kill('SIGCONT');
    member.frozen = false;
  }

  async kill(member: Member): Promise<void> {
    member.leaving = true;
    member.child.kill('SIGKILL');
    await ended(member.child);
  }

  /** Between the acknowledgement of a copy and the commit. False: it had no hand-off to die at, so it was killed. */
  async killAtHandOff(member: Member): Promise<boolean> {
    member.leaving = true;
    member.child.kill(DIE_AT_HAND_OFF);
    const limit = new AbortController();
    const dead = ended(member.child).then(() => true);
    const late = sleep(HAND_OFF_LIMIT, false, { signal: limit.signal }).catch(() => false);
    const died = await Promise.race([dead, late]);
    limit.abort();
    if (!died) await this.kill(member);
    return died && member.child.signalCode === 'SIGKILL';
  }

  /** It leaves by itself, and its process ends by itself; it is a trouble if it does not. */
  async leave(member: Member): Promise<void> {
    member.leaving = true;
    member.child.kill(LEAVE);
    const limit = setTimeout(() => member.child.kill('SIGKILL'), LEAVE_LIMIT);
    await ended(member.child);
    clearTimeout(limit);
    if (member.child.exitCode !== 0)
      this.troubles.push(`${member.name} did not leave in order: ${endOf(member)}`);
  }

  async leaveAll(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.present.map((member) => this.leave(member)));
  }

  async killAll(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.all.filter(isAlive).map((member) => this.kill(member)));
  }

  /** What all members have written so far. */
  histories(): ProcessHistory[] {
    return this.all.map(({ name, history }) => {
      history.poll();
      return { process: name, entries: history.entries };
    });
  }
}

/** How its process ended, with the last that it printed. */
function endOf({ child, log }: Member): string {
  const how = child.signalCode ?? `exit code ${child.exitCode}`;
  const printed = readFileSync(log, 'utf8').trimEnd().split('\n').slice(-LAST_LINES).join('\n');
  return printed === '' ? `${how}, nothing printed` : `${how}, having printed\n${printed}`;
}

function isAlive({ child }: Member): boolean {
  return child.exitCode === null && child.signalCode === null;
}

function hasJoined({ history }: Member, since = 0): boolean {
  history.poll();
  return history.entries.some(({ kind, at }) => kind === 'assigned' && at >= since);
}
