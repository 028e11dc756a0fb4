import type { ScenarioGroup } from '../scenario.js';
import { batches } from './batches.js';
import { brokenBrokers } from './broken-brokers.js';
import { codecs } from './codecs.js';
import { concurrency } from './concurrency.js';
import { deadLetterRoutes } from './dead-letter-routes.js';
import { deadLetters } from './dead-letters.js';
import { diagnosis } from './diagnosis.js';
import { flowControl } from './flow-control.js';
import { goingBack } from './going-back.js';
import { handOffs } from './hand-offs.js';
import { handlerErrors } from './handler-errors.js';
import { keyOrder } from './key-order.js';
import { lag } from './lag.js';
import { leaderless } from './leaderless.js';
import { lifecycle } from './lifecycle.js';
import { lostRights } from './lost-rights.js';
import { memory } from './memory.js';
import { oddRecords } from './odd-records.js';
import { outages } from './outages.js';
import { producing } from './producing.js';
import { rebalances } from './rebalances.js';
import { refusedCopies } from './refused-copies.js';
import { replayTopics } from './replay-topics.js';
import { requirements } from './requirements.js';
import { rogueLeaders } from './rogue-leader.js';
import { sessions } from './sessions.js';
import { shutdown } from './shutdown.js';
import { startPositions } from './start-positions.js';
import { staticMembers } from './static-members.js';
import { subscriptions } from './subscriptions.js';
import { takeOvers } from './take-overs.js';
import { timeOfDay } from './time-of-day.js';
import { topics } from './topics.js';
import { topology } from './topology.js';
import { transactions } from './transactions.js';
import { liveness, times } from './waiting.js';

/** The whole contract, those that must be alone first. */
export const groups: readonly ScenarioGroup[] = [
  times,
  memory,
  timeOfDay,
  handOffs,
  deadLetterRoutes,
  deadLetters,
  refusedCopies,
  transactions,
  startPositions,
  takeOvers,
  goingBack,
  handlerErrors,
  liveness,
  concurrency,
  keyOrder,
  batches,
  flowControl,
  rebalances,
  subscriptions,
  replayTopics,
  staticMembers,
  rogueLeaders,
  lifecycle,
  shutdown,
  outages,
  brokenBrokers,
  producing,
  topics,
  topology,
  leaderless,
  requirements,
  diagnosis,
  lag,
  lostRights,
  sessions,
  oddRecords,
  codecs,
];
