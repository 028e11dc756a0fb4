import type { OutgoingHeader } from '../binding/binding.js';
import type { KafkaRecord } from '../binding/record.js';
import type { DeadLetterReason } from '../failures/decide.js';
import type { Failure } from '../failures/failure.js';
import { cut, MAX_GROUP } from './bounds.js';
import { errorFacts } from './error-facts.js';
import { lastOf } from './header-values.js';
import type { CopyFacts, HeaderClaims, HeaderProfile } from './profile.js';
import { REPLAYS, readReplays, writeReplays } from './replays.js';
import { springHeaders } from './spring.js';
import { stateHeaders, veloHeaders } from './velo.js';
import { readWaitsFor, type WaitsFor, writeWaitsFor } from './waits-for.js';

/** Where a record comes from and how often it was tried: what its copies carry in headers. */
export interface RetryState {
  /** Attempts so far, in all topics. */
  readonly attempts: number;
  /** When the copy is to be handled, ms since 1970; or, of one that waits on, passed on. */
  readonly due: number;
  /** Of a copy that waits on: until when, ms since 1970. */
  readonly until?: number;
  readonly waitsFor?: WaitsFor | undefined;
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  /** ms since 1970; -1 if unknown. */
  readonly timestamp: number;
}

/** Whose state is believed, and how much of it. */
export interface TierReader {
  readonly groupId: string;
  /** The topic that the tier belongs to. */
  readonly source: string;
  /** The latest due time, ms since 1970: see `latestDue`. */
  readonly latest: number;
  /** More attempts than the configuration allows in all topics are not believed. */
  readonly maxAttempts: number;
}

/**
 * What a broker's clock may be behind a member's, ms, without making a copy early: NTP keeps them closer. It matters on
 * topics where the broker stamps the records (`message.timestamp.type=LogAppendTime`); elsewhere the member that has
 * written the copy has stamped it, by the clock by which, and no sooner than, it has reckoned when the copy is due.
 */
const CLOCK_SKEW = 1_000;

/**
 * The latest that a tier's record can be due, ms since 1970: one wait after it was fetched, and one wait after it was
 * written. A header that claims more is forged, or of a clock that was wrong.
 *
 * @param wait of the tier, ms
 * @param fetchedAt ms since 1970
 */
export function latestDue({ timestamp }: KafkaRecord, wait: number, fetchedAt: number): number {
  return Math.min(fetchedAt, timestamp >= 0 ? timestamp + CLOCK_SKEW : fetchedAt) + wait;
}

/** Headers that each copy brings anew. */
const WRITERS: ReadonlyMap<string, HeaderProfile> = /* @__PURE__ */ new Map([
  ['velo-group', veloHeaders],
  ['kafka_dlt-original-consumer-group', springHeaders],
  ['retry_topic-attempts', springHeaders],
]);

/** The state of a record before its first attempt. */
export function initialState(record: KafkaRecord): RetryState {
  const { topic, partition, offset, timestamp } = record;
  return {
    attempts: 0,
    due: 0,
    topic,
    partition,
    offset,
    timestamp: Number.isSafeInteger(timestamp) ? timestamp : -1,
  };
}

/**
 * What the headers of a tier's record say, in velo's names or in Spring's. Never throws: what is missing or broken
 * counts as a first attempt that is due now. To be called for records of the group's own tiers only: state from
 * elsewhere, or of another group or topic, is not believed.
 */
export function readRetryState(record: KafkaRecord, reader: TierReader): RetryState {
  const initial = initialState(record);
  const claims = claimsOf(record);
  const { source } = reader;
  if (claims.group !== cut(reader.groupId, MAX_GROUP) || (claims.topic ?? source) !== source) return initial;
  const due = claims.due ?? 0;
  const waitsFor = readWaitsFor(record.headers);
  return {
    attempts: Math.min(claims.attempts ?? 0, reader.maxAttempts),
    due: Math.min(due, reader.latest),
    ...(waitsFor !== undefined && { waitsFor, until: due }),
    topic: source,
    partition: claims.partition ?? initial.partition,
    offset: claims.offset ?? initial.offset,
    timestamp: claims.timestamp ?? initial.timestamp,
  };
}

/** Whether a record says that another group has put it there: see `retry.naming`. */
export function isOfAnotherGroup(record: KafkaRecord, groupId: string): boolean {
  const { group } = claimsOf(record);
  return group !== undefined && group !== cut(groupId, MAX_GROUP);
}

/** When a tier's record says that it is due, ms since 1970; never throws. */
export function dueOf(record: KafkaRecord): number | undefined {
  return claimsOf(record).due;
}

/** By the names of whoever has written last: a record may have been through velo and through Spring. */
function claimsOf({ headers }: KafkaRecord): HeaderClaims {
  return (lastOf(headers, (name) => WRITERS.get(name)) ?? springHeaders).read(headers);
}

/** What a copy is to say, and in whose names. */
export interface Copy {
  readonly state: RetryState;
  readonly groupId: string;
  readonly failure: Failure;
  readonly profile: HeaderProfile;
  /** Of the tiers that the record may come from. */
  readonly tierHeaders: HeaderProfile;
  readonly stackTraces: boolean;
  /** Now, ms since 1970. */
  readonly at: number;
  /** Of a tier's copy: when it is to be handled, ms since 1970. */
  readonly due?: number | undefined;
  /** Of a tier's copy that is due later than one wait of its tier. */
  readonly waitsFor?: WaitsFor | undefined;
  /** Of a dead letter. */
  readonly reason?: DeadLetterReason | undefined;
}

/**
 * The headers of a copy: the record's own as they were, then those of the profile, in place of what an earlier copy
 * has left. Beside a foreign profile a dead letter carries `velo-attempt` and `velo-reason`: no other has names for
 * both, and nobody else reads them.
 */
export function copyHeaders(record: KafkaRecord, copy: Copy): OutgoingHeader[] {
  const { state, groupId, failure, profile, tierHeaders, stackTraces, at, due, waitsFor, reason } = copy;
  const facts: CopyFacts = {
    ...state,
    at: Math.floor(at),
    group: cut(groupId, MAX_GROUP),
    due: due === undefined ? undefined : Math.ceil(due),
    reason,
    error: errorFacts(failure, stackTraces),
  };
  const written = [...profile.write(facts)];
  if (waitsFor !== undefined) written.push(...writeWaitsFor(waitsFor));
  written.push(...writeReplays(readReplays(record.headers)));
  if (reason !== undefined && profile !== veloHeaders)
    written.push(['velo-attempt', state.attempts], ['velo-reason', reason]);
  const owners = [veloHeaders, tierHeaders, profile];
  const headers: OutgoingHeader[] = [];
  for (const header of record.headers) {
    if (!owners.some((owner) => owner.owns(header[0]))) headers.push(header);
  }
  for (const [name, value] of written) {
    if (value !== undefined) headers.push([name, typeof value === 'number' ? String(value) : value]);
  }
  return headers;
}

/** Marks a copy in a tier that went there untried, behind others of its key: see `retry.keepKeyOrder`. */
const FOLLOWER = 'velo-follower';

/**
 * The headers of a follower's copy: the record's own, what an earlier copy tells of its error among them, and its state.
 *
 * @param due ms since 1970
 */
export function followerHeaders(
  record: KafkaRecord,
  state: RetryState,
  groupId: string,
  due: number,
): OutgoingHeader[] {
  const written = stateHeaders({ ...state, group: cut(groupId, MAX_GROUP), due: Math.ceil(due) });
  const names = new Set([...written.map(([name]) => name), FOLLOWER, REPLAYS]);
  const headers: OutgoingHeader[] = [...record.headers].filter(([name]) => !names.has(name));
  for (const [name, value] of written) headers.push([name, String(value)]);
  for (const [name, count] of writeReplays(readReplays(record.headers))) headers.push([name, String(count)]);
  headers.push([FOLLOWER, '1']);
  return headers;
}

/** The offset that a tier's record has at its source, as its headers say; never throws. */
export function sourceOffsetOf(record: KafkaRecord): string {
  return claimsOf(record).offset ?? record.offset;
}
