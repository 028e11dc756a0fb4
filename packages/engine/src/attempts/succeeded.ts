import type { AttemptContext } from './attempt-context.js';
import type { AttemptHost } from './attempt-host.js';
import type { AttemptLane } from './attempt-lane.js';

/** An attempt has succeeded, and its partition is still here. */
export function succeeded(
  { record, tier, attempt, totalAttempts }: AttemptContext,
  { recordAttempt, events }: AttemptHost,
  lane: AttemptLane,
): void {
  recordAttempt(undefined);
  lane.flow.succeeded(record);
  if (events.hasSuccess) events.emit('success', { record, tier, attempt, totalAttempts });
  lane.finish(record);
}
