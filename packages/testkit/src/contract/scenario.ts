import type { AdapterUnderTest } from './adapter.js';
import type { ClusterKind } from './harness/contract-cluster.js';
import type { World } from './harness/world.js';

/** One test of the contract, for any adapter. */
export interface Scenario {
  /** A sentence with its group's name in front. */
  readonly name: string;
  /** Why there: topic configurations, transactions and ACLs need `kafka`, injected errors `embedded`. @default both */
  readonly on?: ClusterKind;
  /** Whether the adapter can show it. @default every one */
  readonly needs?: (adapter: AdapterUnderTest) => boolean;
  /** Whether it shows what brokers of another version might do otherwise, and is quick: see `ContractPart.kafka`. @default false */
  readonly everyVersion?: boolean;
  /** In ms. @default 30_000 */
  readonly limit?: number;
  /** Several members join at once, see `support/several.ts`. */
  readonly several?: boolean;
  readonly run: (world: World) => Promise<void>;
}

export interface ScenarioGroup {
  readonly name: string;
  /** Its tests measure time or memory, so nothing else runs beside them. @default false */
  readonly alone?: boolean;
  readonly scenarios: readonly Scenario[];
}
