import Table from 'cli-table3';
import { totalOf } from '../check/bound.js';
import { uncommitted } from '../check/lives.js';
import type { Verdict } from '../check/verdict.js';
import type { Crew, Member } from '../crew.js';
import type { Timeline } from '../faults/timeline.js';
import type { HandedOffEntry } from '../history/entry.js';
import { formatCount, formatSeconds } from './format.js';
import type { Recovery } from './recovery.js';

/** Of a broken rule, so many cases are shown. */
const MAX_CASES = 10;

/** How a member's process ended. */
export interface MemberEnd {
  readonly name: string;
  readonly killed: boolean;
  /** Tried and not committed at the end. */
  readonly uncommitted: number;
  /** Of these, copies that were acknowledged: it ended between publish and commit. */
  readonly handedOff: number;
  /** Rebalances that it saw. */
  readonly turns: number;
}

export function memberEnds(members: readonly Member[], { ledger }: Verdict): MemberEnd[] {
  const lives = [...ledger.lives.values()].flat();
  return members.map(({ name, child, history }) => {
    const turns = history.entries.filter(({ kind }) => kind === 'assigned').length;
    const last = lives.filter((life) => life.process === name && life.lastTurn === turns);
    const left = new Set(
      last.flatMap((life) => uncommitted(life).map((offset) => `${life.partition} ${offset}`)),
    );
    const handedOff = history.entries.filter(
      (entry): entry is HandedOffEntry =>
        entry.kind === 'handed off' && left.has(`${entry.partition} ${entry.offset}`),
    );
    return {
      name,
      killed: child.signalCode === 'SIGKILL',
      uncommitted: left.size,
      handedOff: handedOff.length,
      turns,
    };
  });
}

/** The lines of the summary; the verdict's last line is not among them. */
export function summary(
  verdict: Verdict,
  facts: { readonly crew: Crew; readonly timeline: Timeline; readonly recoveries: readonly Recovery[] },
): string {
  const { bound, faults, producedTwice } = verdict;
  const ends = memberEnds(facts.crew.all, verdict);
  return [
    'Recovery from each kill -9 of a broker (s: seconds)',
    recoveryTable(facts.recoveries),
    'Members that were killed',
    memberTable(ends.filter(({ killed }) => killed)),
    `Bound: ${formatCount(bound.uncommitted)} records were tried and not committed when their partition was taken`,
    `away or their member killed, ${formatCount(bound.reset)} were brought back by an administrator, ${formatCount(bound.remade)} were tried in a topic made`,
    `again before that was noticed, and ${formatCount(bound.lostAcknowledgements)} copies were written twice after a lost acknowledgement.`,
    ...(verdict.gone > 0 ? [`${formatCount(verdict.gone)} records went with their topic.`] : []),
    `The producer wrote ${formatCount(producedTwice)} records twice, after lost acknowledgements.`,
    ...(facts.crew.failedStarts > 0
      ? [`${formatCount(facts.crew.failedStarts)} members could not start at first, and were started again.`]
      : []),
    ...faults.flatMap(({ rule, cases }) => [
      '',
      `BROKEN: ${rule}: ${formatCount(cases.length)}`,
      ...cases.slice(0, MAX_CASES).map((text) => `  ${text}`),
      ...(cases.length > MAX_CASES ? [`  and ${formatCount(cases.length - MAX_CASES)} more`] : []),
    ]),
  ].join('\n');
}

function recoveryTable(recoveries: readonly Recovery[]): string {
  const table = plainTable([
    'broker',
    'failover',
    'longest silence',
    'of one partition',
    'beyond failover',
    'longest delay',
    'members harmed',
  ]);
  for (const { kill, failover, silence, partitionSilence, longestDelay } of recoveries) {
    table.push([
      `${kill.node}${kill.wasCoordinator ? ', coordinator' : ''}`,
      formatSeconds(failover),
      formatSeconds(silence),
      formatSeconds(partitionSilence),
      formatSeconds(Math.max(0, partitionSilence - failover)),
      formatSeconds(longestDelay),
      kill.memberFaults,
    ]);
  }
  return table.toString();
}

function memberTable(ends: readonly MemberEnd[]): string {
  const table = plainTable(['member', 'rebalances', 'uncommitted', 'of them handed off']);
  for (const { name, turns, uncommitted, handedOff } of ends)
    table.push([name, turns, uncommitted, handedOff]);
  return table.toString();
}

function plainTable(head: string[]) {
  return new Table({
    head,
    colAligns: head.map((_, column) => (column === 0 ? 'left' : 'right')),
    style: { head: [], border: [], compact: true },
  });
}

/** `50,000 produced, 48,720 handled, 1,280 dead-lettered, 0 lost, 63 again (bound 214)` */
export function lastLine({ produced, handled, deadLettered, lost, again, bound }: Verdict): string {
  return [
    `${formatCount(produced)} produced`,
    `${formatCount(handled)} handled`,
    `${formatCount(deadLettered)} dead-lettered`,
    `${formatCount(lost)} lost`,
    `${formatCount(again)} again (bound ${formatCount(totalOf(bound))})`,
  ].join(', ');
}
