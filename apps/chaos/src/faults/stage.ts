import type { KafkaCluster } from '@velo/testkit';
import type { Administrator } from '../cluster/administrator.js';
import type { Observer } from '../cluster/observer.js';
import type { Crew } from '../crew.js';
import type { Service } from '../service.js';
import type { Timeline } from './timeline.js';

/** What faults are done to, and who is told of them. */
export interface Stage {
  readonly cluster: KafkaCluster;
  readonly observer: Observer;
  readonly administrator: Administrator;
  readonly crew: Crew;
  readonly service: Service;
  readonly timeline: Timeline;
  readonly signal: AbortSignal;
}
