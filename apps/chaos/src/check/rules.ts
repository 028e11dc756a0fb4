import type { HandedOffEntry } from '../history/entry.js';
import { endOf, fateOf } from '../plan/fates.js';
import { idOfValue, keyOf, nameOf, textOf, topicOf } from '../plan/records.js';
import { DEAD, MAX_ATTEMPTS, placeOf, TIER_WAITS } from '../plan/topics.js';
import { againOf, boundOf, totalOf } from './bound.js';
import { copiedAgainByTransaction, copiedWithoutCause } from './copy-rules.js';
import { keysOutOfOrder, overtakenInTiers } from './key-order.js';
import { copiesOf, copyKey, endsOf, type Ledger } from './ledger.js';
import { listIn } from './lives.js';
import { silentBesideOffline } from './offline-rule.js';
import { breakersUnmoved, triedInVain } from './outage-rules.js';
import { renumberedRecords } from './renumbered.js';
import type { StoredRecord } from './stored-record.js';

/** Gives one text for each record, or each copy, that breaks the rule. */
export type Rule = (ledger: Ledger) => string[];

/** Of so many records, one may be handled again where nobody but brokers was harmed. */
const AGAIN_BY_BROKERS = 1_000;

/** Each record that is to come to an end is handled or a dead letter. */
const nothingIsLost: Rule = (ledger) =>
  [...ledger.due.values()].filter((record) => endsOf(ledger, record) === 0).map(placed);

/** What was acknowledged to a producer is there: new records and copies alike. What went with its topic is not. */
const acknowledgedIsThere: Rule = (ledger) => {
  const { evidence, sources } = ledger;
  const present = new Set([...sources.values()].map(({ name }) => name));
  const wentWithTopic = (id: number, began: number) =>
    evidence.remade.some((one) => one.topic === topicOf(id) && one.back > began);
  const records = evidence.producer.entries.flatMap((entry) =>
    entry.kind === 'acknowledged'
      ? entry.ids.filter((id) => !present.has(nameOf(id)) && !wentWithTopic(id, entry.began)).map(nameOf)
      : [],
  );
  const copies = evidence.histories
    .flatMap(({ entries }) => entries)
    .filter((entry): entry is HandedOffEntry => entry.kind === 'handed off')
    .filter(({ topic, origin }) => copiesOf(ledger, topic, origin).length === 0);
  return [...records, ...copies.map(({ topic, origin }) => `the copy of ${origin} in ${topic}`)];
};

/** Records are in the source as they were meant; copies have key, value and partition of their records. */
const nothingIsSpoiled: Rule = ({ evidence, sources, gone }) =>
  [
    ...evidence.sources.filter(({ value, key }) => {
      const id = idOfValue(value) ?? -1;
      return value !== textOf(evidence.seed, id) || key !== keyOf(id);
    }),
    ...evidence.copies.filter((copy) => {
      const original = sources.get(copy.origin) ?? gone.get(copy.origin);
      if (original === undefined) return !isOfLostTopic(copy.origin, evidence.remade);
      const { value, key, partition } = original;
      return copy.value !== value || copy.key !== key || copy.partition !== partition;
    }),
  ].map(placed);

/** Of a topic that was deleted, what was written last is not known. */
function isOfLostTopic(origin: string, remade: readonly { readonly topic: string }[]): boolean {
  return remade.some(({ topic }) => origin.startsWith(`${topic} `));
}

/** A record passes where it can and nowhere else, and each attempt is of a record of a source. */
const passesWhereItCan: Rule = ({ evidence, passes, sources, gone, away }) =>
  [...passes].flatMap(([origin, attempts]) => {
    const isKnown = sources.has(origin) || gone.has(origin) || isOfLostTopic(origin, evidence.remade);
    return attempts
      .filter(({ id, tier }) => {
        const end = endOf(fateOf(evidence.seed, id));
        // One that follows others of its key is tried where they are.
        const isHere =
          end.end === 'handled' &&
          end.tier <= tier &&
          (evidence.keepKeyOrder || wasAway(away.get(origin), end.tier, tier - 1));
        return !isKnown || !origin.endsWith(` ${nameOf(id)}`) || !isHere;
      })
      .map(
        ({ id, tier, partition, offset }) => `${nameOf(id)} in tier ${tier}: ${partition}, offset ${offset}`,
      );
  });

/** @param heldUp how often the guard may have held it: each time it is tried once more */
function isRightCount(
  attempts: number,
  right: readonly number[],
  reason: string,
  heldUp: number,
  { outages, keepKeyOrder }: Ledger['evidence'],
): boolean {
  const isRight = right.some((count) => attempts >= count && attempts <= count + heldUp);
  if (reason !== 'exhausted') return isRight;
  // One that follows others of its key has no attempts where they were ahead of it.
  if (keepKeyOrder) return attempts >= MAX_ATTEMPTS;
  // What a breaker holds back is tried once more than it would have been.
  return outages.length > 0 ? attempts >= (right[0] as number) : isRight;
}

/** How often members' guards have tripped at each source. */
function guardedTimes({ histories }: Ledger['evidence']): ReadonlyMap<string, number> {
  const times = new Map<string, number>();
  for (const { entries } of histories)
    for (const entry of entries)
      if (entry.kind === 'guarded') times.set(entry.source, (times.get(entry.source) ?? 0) + 1);
  return times;
}

/** A member of the old version gives a record up one tier earlier. */
function lastTier({ mixed }: Ledger['evidence']): number {
  return TIER_WAITS.length - (mixed ? 1 : 0);
}

/** In each of these tiers the service was away while the record was tried, so that it went on to the next. */
function wasAway(tiers: ReadonlySet<number> | undefined, first: number, last: number): boolean {
  for (let tier = first; tier <= last; tier++) if (!tiers?.has(tier)) return false;
  return true;
}

/** A dead letter is a record that cannot pass, and says why: the reason, how many attempts, the error. */
const deadLettersHaveCauses: Rule = ({ evidence, away }) => {
  const guarded = guardedTimes(evidence);
  return evidence.copies
    .filter(({ topic }) => placeOf(topic).tier === DEAD)
    .filter(({ topic, value, attempts, reason, message, origin }) => {
      const fated = endOf(fateOf(evidence.seed, idOfValue(value) ?? -1));
      const wasHeldUp = fated.end === 'handled' && wasAway(away.get(origin), fated.tier, lastTier(evidence));
      const end = wasHeldUp ? endOf('hopeless') : fated;
      if (end.end !== 'dead-lettered') return true;
      const right = evidence.mixed ? end.attempts : end.attempts.slice(-1);
      const heldUp = guarded.get(placeOf(topic).source) ?? 0;
      const isRight = isRightCount(attempts, right, reason, heldUp, evidence);
      return end.reason !== reason || !isRight || !message.startsWith(end.message);
    })
    .map((copy) => `${placed(copy)}: ${copy.reason} after ${copy.attempts} attempts: ${copy.message}`);
};

const comesAgainOnlyWithReason: Rule = ({ comings }) =>
  [...comings.values()].flatMap(({ unexplained }) => unexplained);

/** Where an administrator has set the group back, what had been tried there is tried again: he wants it. */
const resetIsObeyed: Rule = ({ resets, lives, evidence }) =>
  resets.flatMap(({ at, partitions }) => {
    const again = new Set(evidence.keepKeyOrder ? triedSince(evidence, at) : []);
    return [...partitions].flatMap(([log, { from, wanted }]) => {
      const isGone = evidence.remade.some((one) => one.at > at && log.startsWith(`${one.topic} `));
      if (!wanted || isGone) return [];
      const all = lives.get(log) ?? [];
      const before = all.filter(({ began }) => began < at).flatMap(({ attempts }) => [...attempts]);
      const since = new Set(
        all.filter(({ began }) => began >= at).flatMap(({ attempts }) => [...attempts.keys()]),
      );
      const ignored = before.filter(
        ([offset, [first]]) => offset >= from && !since.has(offset) && !again.has(first?.origin ?? ''),
      );
      return [...new Set(ignored.map(([offset]) => offset))].map(
        (offset) => `${log}, offset ${offset}, set back to ${from}`,
      );
    });
  });

/** The origins of what was tried since then, wherever: one that follows others of its key is tried where they are. */
function triedSince({ histories }: Ledger['evidence'], time: number): string[] {
  return histories.flatMap(({ entries }) =>
    entries.flatMap((entry) => (entry.kind === 'tried' && entry.at >= time ? [entry.origin] : [])),
  );
}

/** A producer writes a record again only after an acknowledgement that did not come. */
const producedAgainOnlyIfUnacknowledged: Rule = ({ evidence, unacknowledged }) => {
  const counts = new Map<string, StoredRecord[]>();
  const renumbered = renumberedRecords(evidence);
  for (const record of evidence.sources) listIn(counts, copyKey(record.topic, record.name)).push(record);
  return [...counts]
    .filter(([key, list]) => list.length > 1 + (unacknowledged.get(key) ?? 0))
    .filter(([, [record]]) => !renumbered.has(record?.name ?? ''))
    .map(([, list]) => `${list[0]?.name}: ${list.length} times`);
};

/** All records together come to at most so many ends more than one each. */
const againWithinBound: Rule = (ledger) => {
  const { keepKeyOrder, resets } = ledger.evidence;
  // What followed others of its key was never tried where an administrator has set the group back, so it is not known what he brings back.
  if (keepKeyOrder && resets.length > 0) return [];
  const again = againOf(ledger);
  const bound = boundOf(ledger);
  if (again <= totalOf(bound)) return [];
  const { uncommitted, lostAcknowledgements, reset, remade } = bound;
  return [
    `${again} again, ${uncommitted} uncommitted, ${lostAcknowledgements} acknowledgements lost, ${reset} reset, ${remade} in topics made again`,
  ];
};

/** A broker that dies makes next to nothing come again: no process has forgotten anything. */
const brokersMakeNothingAgain: Rule = (ledger) => {
  const again = againOf(ledger);
  const { onlyBrokers } = ledger.evidence;
  if (!onlyBrokers || again * AGAIN_BY_BROKERS <= ledger.due.size) return [];
  return [`${again} of ${ledger.due.size}`];
};

function placed({ topic, partition, offset, name }: StoredRecord): string {
  return `${name} (${topic}, partition ${partition}, offset ${offset})`;
}

/** By what they say when they are broken. */
export const RULES: Readonly<Record<string, Rule>> = {
  lost: nothingIsLost,
  'acknowledged and not there': acknowledgedIsThere,
  spoiled: nothingIsSpoiled,
  'handled where it cannot pass': passesWhereItCan,
  'dead letter without cause': deadLettersHaveCauses,
  'tried again though committed': comesAgainOnlyWithReason,
  'a key out of order, or twice at once': keysOutOfOrder,
  'tried before those ahead of it, of its key, have ended': overtakenInTiers,
  'copied without cause': copiedWithoutCause,
  'copied more than once by transaction': copiedAgainByTransaction,
  'produced twice without cause': producedAgainOnlyIfUnacknowledged,
  'more handled again than the bound': againWithinBound,
  'more than 1 in 1,000 handled again though only brokers were killed': brokersMakeNothingAgain,
  'set back by an administrator and not tried again': resetIsObeyed,
  'tried in vain while the service was away, though breakers should have held it': triedInVain,
  'an outage that no breaker has opened and closed for': breakersUnmoved,
  'silent while other partitions were offline': silentBesideOffline,
};
