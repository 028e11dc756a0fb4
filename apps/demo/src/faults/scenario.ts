/** The faults of a run: what happens, when, and for how long. Nothing is left to chance. */
export interface Scenario {
  /** How long the source topic does not exist after the consumer started, ms. */
  readonly topicMissing: number;
  /** How long the production takes if nothing hinders it, ms. */
  readonly production: number;
  /** How long a broker is down, ms. */
  readonly brokerDown: number;
  /** How long requests fail with leader changes, ms. */
  readonly leaderChanges: number;
  /** How long the enrichment service is stopped, ms. Shorter than the tiers' waits together. */
  readonly serviceDown: number;
  /** velo's tiers, ms. */
  readonly tiers: readonly number[];
  /** The shares of all films (0 to 1) at whose production the faults begin. */
  readonly beginsAt: {
    readonly brokerDown: number;
    readonly leaderChanges: number;
    readonly serviceDown: number;
  };
}

export const SCENARIO: Scenario = {
  topicMissing: 2_500,
  production: 8_000,
  brokerDown: 2_500,
  leaderChanges: 1_000,
  serviceDown: 4_000,
  tiers: [1_000, 2_000, 5_000],
  beginsAt: { brokerDown: 0.1, leaderChanges: 0.45, serviceDown: 0.6 },
};

/** The same in short, for somebody in a hurry. */
export const QUICK_SCENARIO: Scenario = {
  ...SCENARIO,
  topicMissing: 1_000,
  production: 2_000,
  brokerDown: 800,
  leaderChanges: 400,
  serviceDown: 1_200,
  tiers: [500, 1_000, 2_000],
};
