import { endOf, fateOf } from '../plan/fates.js';
import { idOfValue } from '../plan/records.js';
import { DEAD, placeOf, TIER_WAITS, topicAt } from '../plan/topics.js';
import type { Evidence } from './evidence.js';
import { copiesOf, copyKey, type Ledger, type Visit } from './ledger.js';
import type { StoredRecord } from './stored-record.js';

const LAST_TIER = TIER_WAITS.length;

/** Of each record, a topic holds one copy for each life that gave it up, and one for each send nobody heard of. */
export function copiedWithoutCause(ledger: Ledger): string[] {
  if (ledger.evidence.keepKeyOrder) return followedTooOften(ledger);
  const giveUps = (visits: readonly Visit[]) =>
    visits.reduce((sum, { life, offset }) => {
      const early = ledger.comings.get(life.partition)?.early.has(offset);
      return sum + (early ? 2 : 1);
    }, 0);
  const unheard = (topic: string, origin: string) => ledger.unacknowledged.get(copyKey(topic, origin)) ?? 0;
  return tooMany(ledger, giveUps, unheard).map((excess) => `${copiesFound(excess)}, ${excess.most} causes`);
}

/**
 * By transaction, a topic holds one copy of each record that was given up, whatever has happened to members and brokers,
 * and one more for each time that an administrator has brought the record back.
 */
export function copiedAgainByTransaction(ledger: Ledger): string[] {
  if (ledger.evidence.handOff !== 'transactional') return [];
  const { keepKeyOrder, resets, remade } = ledger.evidence;
  if (keepKeyOrder && resets.length + remade.length > 0) return [];
  // What follows others of its key goes to a tier untried, once.
  if (keepKeyOrder) return tooManyOf(ledger, () => 1).map((excess) => `${copiesFound(excess)}, 1 at most`);
  const places = (visits: readonly Visit[]) => {
    const distinct = new Map(visits.map((visit) => [`${visit.life.partition} ${visit.offset}`, visit]));
    return [...distinct.values()].reduce((sum, { life, offset }) => {
      return sum + 1 + (ledger.comings.get(life.partition)?.returns.get(offset) ?? 0);
    }, 0);
  };
  return tooMany(ledger, places, () => 0).map((excess) => `${copiesFound(excess)}, ${excess.most} at most`);
}

/** With `keepKeyOrder` a record may go on untried, so that each life of a topic before may have sent it, once for each copy there. */
function followedTooOften(ledger: Ledger): string[] {
  const causes = ({ topic, origin, partition }: StoredRecord) => {
    const { source, tier } = placeOf(topic);
    let most = ledger.unacknowledged.get(copyKey(topic, origin)) ?? 0;
    for (let from = 0; from < tier; from++) {
      const feeder = topicAt(source, from);
      const there = from === 0 ? 1 : copiesOf(ledger, feeder, origin).length;
      most += there * (ledger.lives.get(`${feeder} ${partition}`)?.length ?? 0);
    }
    return most;
  };
  return tooManyOf(ledger, causes).map((excess) => `${copiesFound(excess)}, ${excess.most} causes`);
}

/** @param causes of the copies of one record in one topic */
function tooManyOf(ledger: Ledger, causes: (copy: StoredRecord) => number): Excess[] {
  return [...ledger.copies.values()].flatMap((copies) => {
    const most = causes(copies[0] as StoredRecord);
    return copies.length <= most ? [] : [{ copies, most }];
  });
}

interface Excess {
  readonly copies: readonly StoredRecord[];
  readonly most: number;
}

/** With when and where, so that each can be found in the histories. */
function copiesFound({ copies }: Excess): string {
  const [{ name, topic, partition }] = copies as [StoredRecord];
  const each = copies.map(({ offset, timestamp }) => `offset ${offset} at ${timestamp}`).join(', ');
  return `${name} in ${topic} ${partition}: ${copies.length} copies (${each})`;
}

/** @param causes of copies, in those visits in which the record failed */
function tooMany(
  ledger: Ledger,
  causes: (visits: readonly Visit[]) => number,
  unheard: (topic: string, origin: string) => number,
): Excess[] {
  return tooManyOf(ledger, (copy) => {
    const { source, tier } = placeOf(copy.topic);
    let most = unheard(copy.topic, copy.origin);
    for (const from of feedersOf(copy, tier, ledger.evidence)) {
      const topic = topicAt(source, from);
      const visits = ledger.visits.get(copyKey(topic, copy.origin)) ?? [];
      most += causes(visits.filter(({ attempts }) => attempts.some(({ passed }) => !passed)));
      // Whoever knows the last tier has sent it there.
      if (tier === DEAD && from === LAST_TIER && ledger.evidence.mixed)
        most += unheard(topic, copy.origin) - copiesOf(ledger, topic, copy.origin).length;
    }
    return most;
  });
}

/** The tiers that fill a topic. A member of the old version gives a record up one tier earlier. */
function feedersOf({ value }: StoredRecord, tier: number, { seed, mixed }: Evidence): number[] {
  if (tier < DEAD) return [tier - 1];
  const end = endOf(fateOf(seed, idOfValue(value) ?? -1));
  if (end.end === 'dead-lettered' && end.reason === 'permanent') return [0];
  return mixed ? [LAST_TIER - 1, LAST_TIER] : [LAST_TIER];
}
