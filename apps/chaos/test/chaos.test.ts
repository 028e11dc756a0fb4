import { javaAvailable } from '@velo/testkit';
import { describe, expect, it } from 'vitest';
import { SHORT } from '../src/plan/scale.js';
import { lastLine, memberEnds, summary } from '../src/report/summary.js';
import { runChaos } from '../src/run-chaos.js';

/** Another one: `VELO_CHAOS_SEED=5 npm test`. */
const SEED = Number(process.env.VELO_CHAOS_SEED ?? 1);
/** Beyond the cluster's own failover from the kill of a broker, with no member harmed beside it, ms. */
const RECOVERY = 10_000;
/** ms. It takes about 75 s, half as much again on a busy machine. */
const LIMIT = 170_000;

const FORMS = [
  { client: 'kafkajs', handOff: 'at-least-once' },
  { client: 'kafkajs', handOff: 'transactional' },
  { client: 'rdkafka', handOff: 'at-least-once' },
  { client: 'rdkafka', handOff: 'transactional' },
] as const;

describe.skipIf(!javaAvailable())('chaos, in its short form', () => {
  it.each(FORMS)(
    `loses no record, and handles none again but those that were not committed ($client, $handOff, seed ${SEED})`,
    async ({ client, handOff }) => {
      const told: string[] = [];
      const tell = (line: string) => void told.push(line);
      const run = runChaos({
        seed: SEED,
        client,
        handOff,
        scale: SHORT,
        limit: LIMIT - 10_000,
        tell,
      });
      const result = await run.catch((error: unknown) => {
        console.error(told.join('\n'));
        throw error;
      });
      const { verdict, troubles, crew, timeline } = result;
      console.log(`chaos, ${client}, ${handOff}, seed ${SEED}: ${lastLine(verdict)}`);
      if (verdict.faults.length > 0 || troubles.length > 0) {
        console.error([...told, summary(verdict, result)].join('\n'));
      }
      expect(verdict.faults).toEqual([]);
      expect(troubles).toEqual([]);
      expect(verdict.produced).toBeGreaterThanOrEqual(SHORT.records);
      expect(verdict.handled + verdict.deadLettered).toBe(verdict.produced);
      expect(timeline.brokerKills).toHaveLength(SHORT.measuredKills + SHORT.mixedKills);
      expect(new Set(timeline.brokerKills.map(({ node }) => node))).toEqual(new Set([1, 2, 3]));
      expect(timeline.brokerKills.some(({ wasCoordinator }) => wasCoordinator)).toBe(true);
      const measured = result.recoveries.filter(({ kill }) => kill.memberFaults === 0);
      expect(measured.length).toBeGreaterThanOrEqual(SHORT.measuredKills);
      for (const { partitionSilence, failover } of measured)
        expect(partitionSilence - failover).toBeLessThan(RECOVERY);
      const killed = memberEnds(crew.all, verdict).filter((member) => member.killed);
      expect(killed).toHaveLength(SHORT.memberKills);
      // By transaction there is nothing between the copy and the commit.
      const between = handOff === 'transactional' ? killed : killed.filter(({ handedOff }) => handedOff > 0);
      expect(between.length).toBeGreaterThanOrEqual(SHORT.killsAtHandOff);
    },
    LIMIT,
  );
});
