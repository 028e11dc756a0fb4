import { RecordAttempts } from '../attempts/record-attempts.js';
import type { Batch } from '../plan/batch.js';
import type { Route } from '../plan/plan-topic.js';
import { Batches } from './batches.js';
import type { LaneHost } from './lane-host.js';
import type { LaneWork } from './lane-work.js';
import type { StrandedLane } from './stranded-lane.js';
import { Strands } from './strands.js';

/** One record at a time, which costs least, where nothing else is asked for. */
export function workOf(route: Route, host: LaneHost, lane: StrandedLane): LaneWork {
  if (route.batch !== undefined) return new Batches(route as Route & { readonly batch: Batch }, host, lane);
  const isOneByOne = route.concurrency.order === 'partition' && !host.slots.limited && !route.keepKeyOrder;
  return isOneByOne ? new RecordAttempts(route, host, lane, lane) : new Strands(route, host, lane);
}
