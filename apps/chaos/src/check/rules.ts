import type { HandedOffEntry } from '../history/entry.js';
import { endOf, fateOf } from '../plan/fates.js';
import { idOfKey, keyOf, textOf } from '../plan/records.js';
import { DEAD_LETTERS, SOURCE, TIERS } from '../plan/topics.js';
import type { StoredRecord } from './evidence.js';
import { boundOf, copiesOf, copyKey, endsOf, type Ledger, tierBefore, visitKey } from './ledger.js';
import { uncommitted } from './lives.js';

/** Gives one text for each record, or each copy, that breaks the rule. */
export type Rule = (ledger: Ledger) => string[];

/** Each record of the source is handled or a dead letter. */
const nothingIsLost: Rule = (ledger) =>
  [...ledger.source.values()].filter(({ origin }) => endsOf(ledger, origin) === 0).map(name);

/** What was acknowledged to a producer is there: new records and copies alike. */
const acknowledgedIsThere: Rule = (ledger) => {
  const { evidence, source } = ledger;
  const present = new Set([...source.values()].map(({ key }) => key));
  const records = evidence.producer.entries.flatMap((entry) =>
    entry.kind === 'acknowledged' ? entry.ids.map(keyOf).filter((key) => !present.has(key)) : [],
  );
  const copies = evidence.histories
    .flatMap(({ entries }) => entries)
    .filter((entry): entry is HandedOffEntry => entry.kind === 'handed off')
    .filter(({ topic, origin }) => copiesOf(ledger, topic, origin).length === 0);
  return [...records, ...copies.map(({ topic, origin }) => `the copy of ${origin} in ${topic}`)];
};

/** Records are in the source as they were meant; copies have key, value and partition of their records. */
const nothingIsSpoiled: Rule = ({ evidence, source }) => [
  ...evidence.source
    .filter(({ key, value }) => value !== textOf(evidence.seed, idOfKey(key) ?? -1))
    .map(name),
  ...evidence.copies.filter((copy) => !isFaithful(copy, source.get(copy.origin))).map(name),
];

function isFaithful(copy: StoredRecord, original: StoredRecord | undefined): boolean {
  return (
    original !== undefined &&
    copy.key === original.key &&
    copy.value === original.value &&
    copy.partition === original.partition
  );
}

/** A record passes where it can and nowhere else, and each try is of a record of the source. */
const passesWhereItCan: Rule = ({ evidence, passes, source }) =>
  [...passes].flatMap(([origin, tries]) => {
    const key = source.get(origin)?.key;
    return tries
      .filter(({ id, tier }) => {
        const end = endOf(fateOf(evidence.seed, id));
        return key !== keyOf(id) || end.end !== 'handled' || end.tier !== tier;
      })
      .map(
        ({ id, tier, partition, offset }) => `${keyOf(id)} in tier ${tier}: ${partition}, offset ${offset}`,
      );
  });

/** A dead letter is a record that cannot pass, and says why: the reason, how many tries, the error. */
const deadLettersHaveCauses: Rule = ({ evidence }) =>
  evidence.copies
    .filter(({ topic }) => topic === DEAD_LETTERS)
    .filter(({ key, attempts, reason, message }) => {
      const end = endOf(fateOf(evidence.seed, idOfKey(key) ?? -1));
      return !(
        end.end === 'dead-lettered' &&
        end.reason === reason &&
        end.attempts === attempts &&
        message.startsWith(end.message)
      );
    })
    .map((copy) => `${name(copy)}: ${copy.reason} after ${copy.attempts} tries: ${copy.message}`);

/** Within one life nothing passes twice; a later life tries only what an earlier one has left uncommitted. */
const triedAgainOnlyIfUncommitted: Rule = ({ lives }) => {
  const faults: string[] = [];
  for (const [partition, list] of lives) {
    const free = new Set<number>();
    const seen = new Set<number>();
    for (const life of list) {
      for (const [offset, tries] of life.tries) {
        const passed = tries.filter((entry) => entry.passed).length;
        if (passed > 1)
          faults.push(`${partition}, offset ${offset}: ${life.process} handled it ${passed} times`);
        if (seen.has(offset) && !free.has(offset)) {
          faults.push(
            `${partition}, offset ${offset}: ${life.process} tried it again though it was committed`,
          );
        }
      }
      const left = new Set(uncommitted(life));
      for (const offset of life.tries.keys()) {
        seen.add(offset);
        if (left.has(offset)) free.add(offset);
        else free.delete(offset);
      }
    }
  }
  return faults;
};

/** Of each record, a topic holds one copy for each life that gave it up, and one for each send nobody heard of. */
const copiedOnlyWithCause: Rule = ({ copies, visits, unacknowledged, evidence }) =>
  [...copies.values()].flatMap((list) => {
    const [{ topic, origin, key }] = list as [StoredRecord];
    const end = endOf(fateOf(evidence.seed, idOfKey(key) ?? -1));
    const last = end.end === 'dead-lettered' && end.reason === 'exhausted' ? TIERS.length : 0;
    const from = topic === DEAD_LETTERS ? last : tierBefore(topic);
    const failed = (visits.get(visitKey(origin, from)) ?? []).filter(({ tries }) =>
      tries.some(({ passed }) => !passed),
    );
    const causes = failed.length + (unacknowledged.get(copyKey(topic, origin)) ?? 0);
    return list.length <= causes ? [] : [`${key} in ${topic}: ${list.length} copies, ${causes} causes`];
  });

/** By transaction, a topic holds one copy of each record that was given up, whatever has happened to members and brokers. */
const copiedOnceByTransaction: Rule = ({ copies, evidence }) =>
  evidence.handOff === 'transactional'
    ? [...copies.values()]
        .filter((list) => list.length > 1)
        .map(
          (list) =>
            `${(list[0] as StoredRecord).key} in ${(list[0] as StoredRecord).topic}: ${list.length} copies`,
        )
    : [];

/** A producer writes a record again only after an acknowledgement that did not come. */
const producedAgainOnlyIfUnacknowledged: Rule = ({ evidence, unacknowledged }) => {
  const counts = new Map<string, number>();
  for (const { key } of evidence.source) counts.set(key, (counts.get(key) ?? 0) + 1);
  return [...counts]
    .filter(([key, count]) => count > 1 + (unacknowledged.get(copyKey(SOURCE, key)) ?? 0))
    .map(([key, count]) => `${key}: ${count} times`);
};

/** All records together come to at most so many ends more than one each. */
const againWithinBound: Rule = (ledger) => {
  const again = againOf(ledger);
  const { uncommitted: left, lostAcknowledgements } = boundOf(ledger);
  return again <= left + lostAcknowledgements
    ? []
    : [`${again} again, ${left} uncommitted, ${lostAcknowledgements} acknowledgements lost`];
};

/** How many ends there were beyond one for each record. */
export function againOf(ledger: Ledger): number {
  let again = 0;
  for (const origin of ledger.source.keys()) again += Math.max(0, endsOf(ledger, origin) - 1);
  return again;
}

function name({ topic, partition, offset, key }: StoredRecord): string {
  return `${key} (${topic}, partition ${partition}, offset ${offset})`;
}

/** By what they say when they are broken. */
export const RULES: Readonly<Record<string, Rule>> = {
  lost: nothingIsLost,
  'acknowledged and not there': acknowledgedIsThere,
  spoiled: nothingIsSpoiled,
  'handled where it cannot pass': passesWhereItCan,
  'dead letter without cause': deadLettersHaveCauses,
  'tried again though committed': triedAgainOnlyIfUncommitted,
  'copied without cause': copiedOnlyWithCause,
  'copied more than once by transaction': copiedOnceByTransaction,
  'produced twice without cause': producedAgainOnlyIfUnacknowledged,
  'more handled again than the bound': againWithinBound,
};
