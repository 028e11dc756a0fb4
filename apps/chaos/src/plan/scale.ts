/** How much of everything a run has. */
export interface Scale extends FaultCounts {
  /** At least so many. */
  readonly records: number;
  /** Records a second. */
  readonly rate: number;
  readonly members: number;
}

export interface FaultCounts {
  /** Broker kills while no member is harmed, so that recovery can be measured: one aims at the coordinator. */
  readonly measuredKills: number;
  /** Broker kills with member faults beside them. */
  readonly mixedKills: number;
  /** Of the mixed kills, those that aim at the coordinator; the others aim at the node that was killed least. */
  readonly mixedAtCoordinator: number;
  /** Broker kills so long that partitions without replicas are missed, with a rebalance meanwhile. */
  readonly offlineKills: number;
  readonly networkFaults: number;
  /** The service that handlers call is away: consumers have a circuit breaker where there are some. */
  readonly outages: number;
  readonly memberKills: number;
  /** Of the member kills, those between the acknowledgement of a copy and the commit. */
  readonly killsAtHandOff: number;
  /** Members that leave in order, and others that come. */
  readonly changes: number;
  /** Members that are frozen beyond their session. */
  readonly freezes: number;
  /** Wall clocks of members that step, back and forward in turn. */
  readonly clockSteps: number;
  /** 1: a new version is rolled out halfway, with other topics and one tier more. */
  readonly deploys: number;
  /** Topics deleted and made again, some of them wider. */
  readonly recreations: number;
  /** Offsets set or deleted by an administrator. */
  readonly resets: number;
}

/** `npm run chaos` */
export const LONG: Scale = {
  records: 50_000,
  rate: 150,
  members: 3,
  measuredKills: 4,
  mixedKills: 4,
  mixedAtCoordinator: 1,
  offlineKills: 2,
  networkFaults: 5,
  outages: 3,
  memberKills: 10,
  killsAtHandOff: 4,
  changes: 4,
  freezes: 3,
  clockSteps: 4,
  deploys: 1,
  recreations: 3,
  resets: 3,
};

/** `npm run chaos -- --short`: each node is killed once, the first as the coordinator. */
export const SHORT: Scale = {
  records: 5_000,
  rate: 100,
  members: 3,
  measuredKills: 1,
  mixedKills: 1,
  mixedAtCoordinator: 0,
  offlineKills: 1,
  networkFaults: 2,
  outages: 1,
  memberKills: 3,
  killsAtHandOff: 1,
  changes: 2,
  freezes: 1,
  clockSteps: 2,
  deploys: 1,
  recreations: 1,
  resets: 1,
};
