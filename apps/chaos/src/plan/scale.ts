/** How much of everything a run has. */
export interface Scale {
  /** At least so many. */
  readonly records: number;
  /** Records a second. */
  readonly rate: number;
  readonly members: number;
  /** Broker kills while no member is harmed, so that recovery can be measured: one aims at the coordinator. */
  readonly measuredKills: number;
  /** Broker kills with member faults beside them: at least one aims at the coordinator. */
  readonly mixedKills: number;
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
  networkFaults: 5,
  memberKills: 10,
  killsAtHandOff: 4,
  changes: 4,
};

/** In `npm test`. */
export const SHORT: Scale = {
  records: 5_000,
  rate: 100,
  members: 3,
  measuredKills: 1,
  mixedKills: 2,
  networkFaults: 2,
  memberKills: 3,
  killsAtHandOff: 1,
  changes: 1,
};
