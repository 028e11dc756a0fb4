import type { KafkaHeaders } from '../binding/record.js';
import { decimal, inRange } from './header-values.js';

/** Beside whatever profile: how often a dead letter was replayed. Copies carry it on, so that the next dead letter knows. */
export const REPLAYS = 'velo-replays';

/** More replays than that are not believed. */
const MOST_REPLAYS = 1_000_000;

/** Nothing for a record that was never replayed. */
export function writeReplays(count: number): readonly (readonly [string, number])[] {
  return count > 0 ? [[REPLAYS, count]] : [];
}

/** Never throws; 0 for a record that was never replayed, or says so brokenly. */
export function readReplays(headers: KafkaHeaders): number {
  return inRange(decimal(headers.get(REPLAYS)), 0, MOST_REPLAYS) ?? 0;
}
