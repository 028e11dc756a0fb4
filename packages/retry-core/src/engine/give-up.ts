import { VeloError } from '../velo-error.js';
import type { OutgoingHeader } from './binding.js';
import type { Decision } from './decide.js';
import type { Failure } from './failure.js';
import type { LaneHost, RecordLane } from './lane-host.js';
import type { Route } from './plan.js';
import type { KafkaRecord } from './record.js';
import { copyHeaders, type RetryState } from './retry-state.js';

/** The record leaves its topic: to a tier, to the dead letters, skipped, or the consumer stops before it. */
export function giveUp(
  record: KafkaRecord,
  state: RetryState,
  failure: Failure,
  decision: Exclude<Decision, { action: 'retry-in-place' }>,
  route: Route,
  host: LaneHost,
  lane: RecordLane,
): void {
  const { events, clock, groupId } = host;
  const { tier, exhausted, tierTopics, limits } = route;
  const { error, category } = failure;
  const copy = { state, groupId, failure, tierHeaders: route.tierHeaders, stackTraces: route.stackTraces };
  const told = { record, tier, totalAttempts: state.attempts, error, category };
  if (decision.action === 'hand-off') {
    const topic = tierTopics[decision.tier - 1] as string;
    const delay = limits.tiers[decision.tier - 1] as number;
    const headers = copyHeaders(record, { ...copy, profile: route.tierHeaders, due: clock.now() + delay });
    const tell = () => events.emit('handOff', { ...told, topic, nextTier: decision.tier, delay });
    handOff(record, topic, headers, tell, host, lane);
    return;
  }
  const { reason } = decision;
  switch (exhausted.action) {
    case 'dead-letter': {
      const { topic } = exhausted;
      const headers = copyHeaders(record, { ...copy, profile: exhausted.headers, reason });
      handOff(
        record,
        topic,
        headers,
        () => events.emit('deadLetter', { ...told, topic, reason }),
        host,
        lane,
      );
      break;
    }
    case 'skip':
      events.emit('skipped', { ...told, reason });
      lane.finish(record, false);
      break;
    case 'stop': {
      const message = `The record at ${place(record)} cannot be handled (${reason}: ${failure.message}), and 'stop' is what is configured for that.`;
      host.halt(new VeloError('VELO_CONSUMER_DEAD', message, { cause: error }));
    }
  }
}

/** Its offset waits for the acknowledgement of its copy. */
function handOff(
  record: KafkaRecord,
  topic: string,
  headers: readonly OutgoingHeader[],
  tell: () => void,
  host: LaneHost,
  lane: RecordLane,
): void {
  const { key, value } = record;
  host.handOffs.add({
    record: { topic, partition: host.partitionFor(topic, record.partition), key, value, headers },
    // Its new owner makes a copy of its own, and without a copy the offset is not committed.
    wanted: () => !lane.closed,
    dropped: () => {},
    written: () => {
      tell();
      lane.finish(record, true);
    },
    refused: (error) => {
      if (lane.closed) return;
      const message = `The brokers refuse the copy of the record at ${place(record)} to ${topic}.`;
      host.halt(new VeloError('VELO_PUBLISH_REFUSED', message, { cause: error }));
    },
  });
}

function place({ topic, partition, offset }: KafkaRecord): string {
  return `${topic}, partition ${partition}, offset ${offset}`;
}
