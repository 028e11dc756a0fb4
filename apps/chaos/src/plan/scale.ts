/** How much of everything a run has. */
export interface Scale {
  /** At least so many. */
  readonly records: number;
  /** Records a second. */
  readonly rate: number;
  readonly members: number;
  /** Broker kills while no member is harmed, so that recovery can be measured: one aims at the coordinator. */
  readonly measuredKills: number;
  /** Broker kills with member faults beside them. */
  readonly mixedKills: number;
  /** Of the mixed kills, those that aim at the coordinator; the others aim at the node that was killed least. */
  readonly mixedAtCoordinator: number;
  readonly networkFaults: number;
  readonly memberKills: number;
  /** Of the member kills, those between the acknowledgement of a copy and the commit. */
  readonly killsAtHandOff: number;
  /** Members that leave in order, and others that come. */
  readonly changes: number;
}

/** `npm run chaos` */
export const LONG: Scale = {
  records: 50_000,
  rate: 200,
  members: 3,
  measuredKills: 4,
  mixedKills: 6,
  mixedAtCoordinator: 1,
  networkFaults: 5,
  memberKills: 10,
  killsAtHandOff: 4,
  changes: 4,
};

/** In `npm test`: each node is killed once, the first as the coordinator. */
export const SHORT: Scale = {
  records: 5_000,
  rate: 100,
  members: 3,
  measuredKills: 1,
  mixedKills: 2,
  mixedAtCoordinator: 0,
  networkFaults: 2,
  memberKills: 3,
  killsAtHandOff: 1,
  changes: 2,
};
