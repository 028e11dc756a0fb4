// One file, so that whoever replays dead letters reads all that can be said and is told.
import type { Duration, ErrorCategory } from '@velo/retry-core';
import type { KafkaRecord } from '../binding/record.js';
import type { DeadLetterReason } from '../failures/decide.js';
import type { DeadLetterInfo } from '../headers/read-dead-letter.js';

/** What `velo.deadLetters()` takes. */
export interface DeadLettersConfig {
  /** The group that has given the records up. */
  readonly groupId: string;
  /**
   * Names of sources, or of topics of dead letters. Those that a configuration names itself (`exhausted.topic`, routes) are found by
   * no other way. @default all that the group's name tells: `<topic>-<group>-dlt`, and Spring's `<topic>-dlt`
   */
  readonly topics?: readonly string[] | undefined;
  /**
   * How a replay writes a copy and what the ledger says of it. `transactional`: both or neither, so none is doubled by a crash;
   * needs a transactional id. `at-least-once`: the copy first; after a crash, at most the copies of one batch (500) go again.
   *
   * @default 'transactional' where the client has transactions
   */
  readonly handOff?: 'at-least-once' | 'transactional' | undefined;
  /** Passed through to the client's own consumers. */
  readonly client?: object | undefined;
}

/** The dead letters of one group: looked at, replayed, discarded. What was done with which, Kafka itself remembers: the ledger. */
export interface DeadLetters extends AsyncDisposable {
  /** Counts the open ones, by topic and by what they failed with. */
  summary(filter?: DeadLetterFilter): Promise<DeadLetterSummary>;
  /** Those that were there at the call, of each partition the oldest first, partitions side by side. A `break` ends the reading. */
  list(filter?: DeadLetterListFilter): AsyncIterable<DeadLetter>;
  /**
   * Sends the open ones that were there at the call to be handled again, each at most once. To be stopped and called again at any
   * time: it goes on where it was. Several at once share the work.
   *
   * @throws {VeloError} `VELO_INVALID_OPTION`, `VELO_TOPIC_MISSING`, `VELO_TOPOLOGY` where the ledger cannot be made; the
   *   client's own error where no retry helps. What was replayed before stays so.
   */
  replay(options?: ReplayOptions): Promise<ReplayResult>;
  /** Sets dead letters aside for good, unread by anybody, with a note that says why. They stay in their topic for its retention. */
  discard(options: DiscardOptions): Promise<DiscardResult>;
  /** What happened to one dead letter. @param at `partition:offset`, or `topic:partition:offset` */
  history(at: string): Promise<DeadLetterHistory>;
  /** Ends what is under way, after its batch, and all connections. Twice is fine. */
  close(): Promise<void>;
}

/** A `Date`, ms since 1970, a text of ISO 8601, or a duration before now, such as `'24h'`. */
// biome-ignore lint/style/noRestrictedGlobals: a moment that somebody else tells
export type Moment = Date | number | string;

/** Which dead letters; all conditions together. */
export interface DeadLetterFilter {
  readonly reason?: DeadLetterReason | undefined;
  readonly category?: ErrorCategory | undefined;
  /** See `DeadLetter.fingerprint`. */
  readonly fingerprint?: string | undefined;
  /** The whole key; null: those without. */
  readonly key?: string | Buffer | null | undefined;
  /** A header's name, `name=value`, or both apart: then the value may be null. */
  readonly header?:
    | string
    | { readonly name: string; readonly value?: string | Buffer | null | undefined }
    | undefined;
  /** The topic where the record first stood. */
  readonly source?: string | undefined;
  /** Dead since then. */
  readonly since?: Moment | undefined;
  /** Dead before then. */
  readonly until?: Moment | undefined;
  /** `partition:offset` or `topic:partition:offset` of the dead letter; or several. */
  readonly at?: string | readonly string[] | undefined;
}

/** `open`: neither replayed nor discarded. */
export type DeadLetterStatus = 'open' | 'replayed' | 'discarded';

export interface DeadLetterListFilter extends DeadLetterFilter {
  /** @default 'open' */
  readonly status?: DeadLetterStatus | 'all' | undefined;
}

export interface DeadLetter {
  /** Of the dead letter, not of its record. */
  readonly topic: string;
  readonly partition: number;
  /** Decimal text. */
  readonly offset: string;
  /** When it was written, ms since 1970. */
  readonly timestamp: number;
  /** As it stands in the topic of dead letters. */
  readonly record: KafkaRecord;
  /** What its headers tell; `undefined` where they tell nothing that can be read. Untrusted, bounded, in one line each. */
  readonly info: DeadLetterInfo | undefined;
  /** Where its record first stood, and where a replay leads back to; `undefined` where nobody knows. */
  readonly source: string | undefined;
  /** What velo wrote, else what the error's text tells. */
  readonly category: ErrorCategory;
  /**
   * 11 letters and digits that dead letters of one cause have in common: of the error's class, category and message, without its numbers,
   * ids and quoted texts.
   */
  readonly fingerprint: string;
  /** How often its record was replayed already. */
  readonly replays: number;
  readonly status: DeadLetterStatus;
}

/** Dead letters that have failed alike. */
export interface DeadLetterGroup {
  /** Of the dead letters. */
  readonly topic: string;
  readonly reason: DeadLetterReason | undefined;
  readonly category: ErrorCategory;
  /** `'…'` for all of a topic that come after the first 1,000 fingerprints. */
  readonly fingerprint: string;
  readonly count: number;
  /** ms since 1970. */
  readonly oldest: number;
  /** ms since 1970. */
  readonly newest: number;
  /** How many came within the hour before the call. */
  readonly lastHour: number;
  /** One of them: `topic:partition:offset`. */
  readonly example: string;
  /** The error of that one: untrusted text in one line. */
  readonly error: { readonly name: string | undefined; readonly message: string | undefined };
}

export interface DeadLetterSummary {
  readonly groupId: string;
  /** Of the call, ms since 1970. */
  readonly at: number;
  readonly open: number;
  /** All topics of dead letters that were found, those without open ones too. */
  readonly topics: readonly {
    readonly topic: string;
    readonly open: number;
    readonly replayed: number;
    readonly discarded: number;
    /** Of the open ones, ms since 1970. */
    readonly oldest: number | undefined;
    /** Of the open ones: how many came within the hour before the call. */
    readonly lastHour: number;
    /** Of the open ones, the largest first. */
    readonly groups: readonly DeadLetterGroup[];
  }[];
}

/**
 * `'group'`: to the group's own first tier, or to its replay topic, so that no other group sees it. `'source'`: to where the record
 * first stood, so that every group that reads the topic handles it again.
 */
export type ReplayTarget = 'group' | 'source' | { readonly topic: string };

export interface ReplayOptions {
  /** @default all open ones */
  readonly filter?: DeadLetterFilter | undefined;
  /** @default 'group' */
  readonly to?: ReplayTarget | undefined;
  /** Copies a second, evenly. @default no limit */
  readonly perSecond?: number | undefined;
  /** Records that were replayed as often before are passed over: they would go round for ever. @default 3 */
  readonly maxReplays?: number | undefined;
  /** Counts, and writes nothing. @default false */
  readonly dryRun?: boolean | undefined;
  /**
   * Sends one first, and the rest only when the group has handled it. `timeout` is how long that may take, @default 60s. Not with
   * `to: { topic }`, since nobody knows who handles that. @default false
   */
  readonly canary?: boolean | { readonly timeout?: Duration | undefined } | undefined;
  /** Stops after the batch that is under way; the result tells what was done. */
  readonly signal?: AbortSignal | undefined;
  /** Called after each batch, and whenever 1,000 more dead letters were looked at. */
  readonly onProgress?: ((progress: ReplayProgress) => void) | undefined;
}

export interface ReplayProgress {
  readonly replayed: number;
  readonly passedOver: number;
  readonly refused: number;
  /** Offsets that were passed, of `total`. */
  readonly scanned: number;
  /** Offsets of all partitions that the call began with: no less than there are dead letters. */
  readonly total: number;
}

export interface ReplayResult {
  /** Names this call in the ledger. */
  readonly run: string;
  readonly dryRun: boolean;
  /** Of a dry run: that would be. */
  readonly replayed: number;
  /** What the filter took, and what was not sent all the same. */
  readonly passedOver: number;
  readonly passedOverBy: Readonly<Record<PassedOverReason, number>>;
  /** Copies that no topic took. They stay open. */
  readonly refused: number;
  /** By topic and error, with the number of each. */
  readonly refusals: readonly ReplayRefusal[];
  /** How many copies went to each topic; of a dry run, would go. */
  readonly targets: Readonly<Record<string, number>>;
  /** What was replayed, by what it had failed with. */
  readonly groups: readonly DeadLetterGroup[];
  /** With `to: 'source'`: who else handles the copies. */
  readonly otherReaders: OtherReaders | undefined;
  readonly handOff: 'at-least-once' | 'transactional';
  readonly canary: CanaryOutcome | undefined;
  /** `undefined`: the end was reached. */
  readonly stopped: 'signal' | 'canary' | undefined;
}

/** `max-replays`: replayed as often as allowed. */
export type PassedOverReason = 'max-replays';

export interface ReplayRefusal {
  /** Where the copies were to go; `undefined` where nobody knows where to. */
  readonly topic: string | undefined;
  /** For people: what happened, and what to do. */
  readonly error: string;
  readonly count: number;
  /** One of them: `topic:partition:offset`. */
  readonly example: string;
}

export interface OtherReaders {
  /** Without those of replays themselves; `undefined`: the client or the brokers do not tell. */
  readonly groups: readonly string[] | undefined;
  /** For people. */
  readonly note: string;
}

/** `handled`: the group has committed its copy, and made no other of it. */
export interface CanaryOutcome {
  /** The dead letter: `topic:partition:offset`. */
  readonly at: string;
  readonly outcome: 'handled' | 'dead-again' | 'unknown';
  /** How long that took, ms. */
  readonly elapsed: number;
  /** Of one that is dead again: the new dead letter, as `topic:partition:offset`, and its error. */
  readonly again?: { readonly at: string; readonly info: DeadLetterInfo | undefined } | undefined;
  /** Of one whose outcome is not known, for people. */
  readonly note?: string | undefined;
}

export interface DiscardOptions {
  /** `{}` is all open ones. */
  readonly filter: DeadLetterFilter;
  /** Why: at most 500 characters, which the ledger keeps. */
  readonly note: string;
  /** Counts, and writes nothing. @default false */
  readonly dryRun?: boolean | undefined;
  /** Stops after the batch that is under way. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?:
    | ((progress: { readonly discarded: number; readonly scanned: number; readonly total: number }) => void)
    | undefined;
}

export interface DiscardResult {
  /** Names this call in the ledger. */
  readonly run: string;
  readonly dryRun: boolean;
  readonly discarded: number;
  /** What was discarded, by what it had failed with. */
  readonly groups: readonly DeadLetterGroup[];
  /** `undefined`: the end was reached. */
  readonly stopped: 'signal' | undefined;
}

export interface DeadLetterHistory {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  /** `undefined`: its topic does not hold it any more. */
  readonly deadLetter: DeadLetter | undefined;
  readonly status: DeadLetterStatus;
  /** The oldest first; the ledger keeps the last one for sure, those before it for a time. */
  readonly events: readonly DeadLetterEvent[];
}

/** One entry of the ledger. Its texts may be a stranger's: bounded, without control characters. */
export interface DeadLetterEvent {
  /** `refused`: no topic took its copy; it stayed open. */
  readonly action: 'replayed' | 'discarded' | 'refused';
  /** ms since 1970. */
  readonly at: number;
  readonly run: string;
  /** Where the copy went, or was to go. */
  readonly to?:
    | { readonly topic: string; readonly partition: number; readonly offset?: string | undefined }
    | undefined;
  /** Of a discard. */
  readonly note?: string | undefined;
  /** Of a refusal. */
  readonly error?: string | undefined;
}
