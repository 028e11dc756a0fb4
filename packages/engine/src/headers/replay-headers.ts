import type { OutgoingHeader } from '../binding/binding.js';
import type { KafkaRecord } from '../binding/record.js';
import { cut, MAX_GROUP } from './bounds.js';
import type { HeaderProfile } from './profile.js';
import { headerProfiles } from './profiles.js';
import type { DeadLetterInfo } from './read-dead-letter.js';
import { REPLAYS, readReplays } from './replays.js';
import { springHeaders, springStateHeaders } from './spring.js';
import { stateHeaders, veloHeaders } from './velo.js';

/** A dead letter on its way back. */
export interface Replay {
  readonly info: DeadLetterInfo | undefined;
  /** The topic that its record first stood in. */
  readonly source: string;
  readonly groupId: string;
  /** Whose state the topic holds that it goes to; `none`: it is no tier. */
  readonly state: 'velo' | 'spring' | 'none';
  /** Now, ms since 1970. */
  readonly at: number;
}

/**
 * The headers of a copy of a dead letter: the record's own as they were, and how often it was replayed. For a tier, its state as well:
 * the record is where it first stood, was never tried, and is due now. A place that the dead letter does not tell is left out.
 */
export function replayHeaders(record: KafkaRecord, replay: Replay): OutgoingHeader[] {
  const owners: HeaderProfile[] = [veloHeaders];
  if (replay.info !== undefined) owners.push(headerProfiles[replay.info.profile]);
  if (replay.state === 'spring') owners.push(springHeaders);
  const headers: OutgoingHeader[] = [];
  for (const header of record.headers) {
    if (!owners.some((owner) => owner.owns(header[0]))) headers.push(header);
  }
  for (const [name, value] of stateOf(replay)) {
    if (value !== undefined) headers.push([name, typeof value === 'number' ? String(value) : value]);
  }
  headers.push([REPLAYS, String(readReplays(record.headers) + 1)]);
  return headers;
}

function stateOf({ info, source, groupId, state, at }: Replay): ReturnType<HeaderProfile['write']> {
  if (state === 'none') return [];
  const { partition, offset, timestamp } = info ?? {};
  const group = cut(groupId, MAX_GROUP);
  const now = Math.floor(at);
  const facts = { topic: source, group, attempts: 0, due: now, at: now, timestamp: timestamp ?? -1 };
  const known = partition !== undefined && offset !== undefined;
  const written = (state === 'spring' ? springStateHeaders : stateHeaders)({
    ...facts,
    partition: partition ?? 0,
    offset: offset ?? '0',
  });
  return known ? written : written.filter(([name]) => !/original-(?:partition|offset|timestamp)/.test(name));
}
