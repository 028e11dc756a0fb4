import {
  checkNames,
  checkNumber,
  type Duration,
  invalidOption,
  toMilliseconds,
  VeloError,
} from '@velo/retry-core';
import type { ClientBinding } from '../binding/binding.js';
import { fail, oneOf, optionalFunction, whole } from '../plan/check-option.js';
import { checkTopics } from './find-topics.js';
import { MAX_NOTE } from './ledger-entry.js';
import { checkTarget } from './targets.js';
import type { DeadLettersConfig, DiscardOptions, ReplayOptions } from './types.js';

const CONFIG_NAMES = {
  groupId: true,
  topics: true,
  handOff: true,
  client: true,
} as const satisfies Record<keyof DeadLettersConfig, true>;

const REPLAY_NAMES = {
  // Its names are checked with it.
  filter: true,
  to: true,
  perSecond: true,
  maxReplays: true,
  dryRun: true,
  canary: true,
  signal: true,
  onProgress: true,
} as const satisfies Record<keyof ReplayOptions, true>;

const DISCARD_NAMES = {
  filter: true,
  note: true,
  dryRun: true,
  signal: true,
  onProgress: true,
} as const satisfies Record<keyof DiscardOptions, true>;

/** What holds where an option is left out. */
export const REPLAY_DEFAULTS = {
  to: 'group',
  maxReplays: 3,
  dryRun: false,
  canary: false,
  /** ms */
  canaryTimeout: 60_000,
} as const;

/** @throws {VeloError} `VELO_INVALID_OPTION` */
export function checkConfig(config: DeadLettersConfig): DeadLettersConfig {
  if (config === undefined || config === null)
    throw invalidOption('what deadLetters() takes', config, "an object, such as { groupId: 'billing' }");
  checkNames(config, CONFIG_NAMES, 'deadLetters()');
  const { groupId, topics, handOff } = config;
  if (typeof groupId !== 'string' || groupId === '')
    fail('groupId', groupId, 'the group whose dead letters they are');
  checkTopics(topics);
  if (handOff !== undefined) oneOf(handOff, ['at-least-once', 'transactional'], 'handOff');
  return config;
}

/** @throws {VeloError} `VELO_INVALID_OPTION` */
export function checkReplay(options: ReplayOptions = {}) {
  checkNames(options, REPLAY_NAMES, 'replay()');
  const {
    perSecond,
    maxReplays = REPLAY_DEFAULTS.maxReplays,
    dryRun = REPLAY_DEFAULTS.dryRun,
    signal,
  } = options;
  if (perSecond !== undefined) checkNumber(perSecond, 'perSecond', 0.001, 1_000_000, false);
  const to = checkTarget(options.to ?? REPLAY_DEFAULTS.to);
  const canary = canaryOf(options.canary ?? REPLAY_DEFAULTS.canary);
  if (canary !== undefined && typeof to === 'object')
    fail('canary', options.canary, "left out where 'to' names a topic: nobody knows who handles that");
  return {
    to,
    perSecond,
    maxReplays: whole(maxReplays, 'maxReplays', 1, 1_000_000),
    dryRun: flag(dryRun, 'dryRun'),
    /** ms; `undefined`: none goes first. */
    canary,
    signal: signalOf(signal),
    onProgress: optionalFunction(options.onProgress, 'onProgress'),
  };
}

/** @throws {VeloError} `VELO_INVALID_OPTION` */
export function checkDiscard(options: DiscardOptions) {
  checkNames(options, DISCARD_NAMES, 'discard()');
  const { filter, note, dryRun = REPLAY_DEFAULTS.dryRun, signal } = options ?? {};
  if (typeof filter !== 'object' || filter === null)
    fail('filter', filter, 'a filter of dead letters; {} is all open ones');
  if (typeof note !== 'string' || note.trim() === '' || note.length > MAX_NOTE)
    fail('note', note, `why they are discarded, in 1 to ${MAX_NOTE} characters`);
  return {
    note,
    dryRun: flag(dryRun, 'dryRun'),
    signal: signalOf(signal),
    onProgress: optionalFunction(options.onProgress, 'onProgress'),
  };
}

function canaryOf(canary: NonNullable<ReplayOptions['canary']>): number | undefined {
  if (canary === false) return undefined;
  if (canary === true) return REPLAY_DEFAULTS.canaryTimeout;
  checkNames(canary, { timeout: true }, "'canary' of replay()");
  return toMilliseconds((canary.timeout ?? REPLAY_DEFAULTS.canaryTimeout) as Duration, 'canary.timeout', {
    min: 1,
  });
}

function flag(value: unknown, option: string): boolean {
  if (typeof value !== 'boolean') fail(option, value, 'true or false');
  return value;
}

function signalOf(signal: unknown): AbortSignal | undefined {
  if (signal !== undefined && !(signal instanceof AbortSignal)) fail('signal', signal, 'an AbortSignal');
  return signal;
}

/** @throws {VeloError} `VELO_NOT_SUPPORTED` where transactions are asked for that the client does not have */
export function handOffOf(
  { handOff }: DeadLettersConfig,
  { capabilities }: ClientBinding,
): 'at-least-once' | 'transactional' {
  const can = capabilities.transactions !== undefined;
  if (handOff === 'transactional' && !can)
    throw new VeloError(
      'VELO_NOT_SUPPORTED',
      "handOff is 'transactional', and this Kafka client has no transactions here. Nothing was replayed or discarded. Set it to 'at-least-once', or leave it out.",
    );
  return handOff ?? (can ? 'transactional' : 'at-least-once');
}
