import { afterAll, beforeAll, describe, it } from 'vitest';
import { javaAvailable } from '../apache-kafka/java.js';
import { several as whereSeveralJoin } from '../support/several.js';
import type { AdapterUnderTest } from './adapter.js';
import {
  type ClusterKind,
  type ContractCluster,
  embeddedCluster,
  kafkaCluster,
} from './harness/contract-cluster.js';
import { World } from './harness/world.js';
import type { Scenario, ScenarioGroup } from './scenario.js';
import { groups } from './scenarios/groups.js';

/** A node starts in 3 s; a busy machine and the first download take longer. In ms. */
const START_LIMIT = 180_000;
const SCENARIO_LIMIT = 60_000;
/** For taking a scenario's members down, ms. */
const END_LIMIT = 15_000;

/** For an adapter whose whole contract is tested already, in another of its ways or on another Kafka. */
export interface ContractPart {
  /** The names of groups of scenarios, which run on a real Kafka alone. @default the whole contract, on both */
  readonly groups?: readonly string[];
  /**
   * A version of the real Kafka; only scenarios of `everyVersion` run, on it alone.
   *
   * @default the whole contract, on `VELO_KAFKA_VERSION`, or 4.1.0
   */
  readonly kafka?: string;
}

/**
 * Declares the contract's tests for an adapter, on the embedded broker and on a real Kafka. Without Java the latter
 * are skipped, and a warning says so; where `CI` is set they never are.
 */
export function describeAdapterContract(
  adapter: AdapterUnderTest,
  { groups: names, kafka }: ContractPart = {},
): void {
  const part = partOf(names, kafka);
  if (names === undefined && kafka === undefined) {
    describe(`the contract: ${adapter.name} on the embedded broker`, () => {
      declare(adapter, part, 'embedded', embeddedCluster);
    });
  }
  const onKafka = `the contract: ${adapter.name} on Apache Kafka ${kafka ?? ''}`.trimEnd();
  describe.skipIf(!javaAvailable())(onKafka, () => {
    let cluster: ContractCluster;
    beforeAll(async () => {
      cluster = await kafkaCluster(kafka);
    }, START_LIMIT);
    afterAll(() => cluster?.stop());
    declare(adapter, part, 'kafka', async () => sharedBy(cluster));
  });
}

function partOf(names: readonly string[] | undefined, kafka: string | undefined): readonly ScenarioGroup[] {
  const part = groups.filter(({ name }) => names?.includes(name) ?? true);
  if (names !== undefined && part.length < names.length)
    throw new RangeError(`not all are groups of scenarios: ${names}`);
  if (kafka === undefined) return part;
  return part.map((group) => ({
    ...group,
    scenarios: group.scenarios.filter(({ everyVersion }) => everyVersion),
  }));
}

/** The cluster of all, which no scenario may stop. */
function sharedBy(cluster: ContractCluster): ContractCluster {
  return Object.create(cluster, { stop: { value: async () => {} } }) as ContractCluster;
}

function declare(
  adapter: AdapterUnderTest,
  part: readonly ScenarioGroup[],
  kind: ClusterKind,
  open: () => Promise<ContractCluster>,
): void {
  for (const { name, alone = false, scenarios } of part) {
    const here = scenarios.filter(({ on = kind }) => on === kind);
    if (here.length === 0) continue;
    describe(name, { concurrent: !alone }, () => {
      for (const scenario of here) {
        const { name, needs, limit = SCENARIO_LIMIT, several } = scenario;
        const options = {
          timeout: limit + END_LIMIT,
          ...(several && kind === 'embedded' ? whereSeveralJoin : undefined),
        };
        it.skipIf(needs?.(adapter) === false)(name, options, () => play(scenario, limit, adapter, open));
      }
    });
  }
}

async function play(
  { run }: Scenario,
  limit: number,
  adapter: AdapterUnderTest,
  open: () => Promise<ContractCluster>,
): Promise<void> {
  const cluster = await open();
  const world = new World(adapter, cluster);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done in ${limit} ms: ${world.describe()}`)), limit);
  });
  try {
    await Promise.race([run(world), late]);
  } finally {
    clearTimeout(timer);
    await world.end();
    await cluster.stop();
  }
}
