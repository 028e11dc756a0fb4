import { javaAvailable } from '@velo/testkit';
import { describe, expect, it } from 'vitest';
import { SHORT } from '../src/plan/scale.js';
import { lastLine, memberEnds, summary } from '../src/report/summary.js';
import { runChaos } from '../src/run-chaos.js';

/** Another one: `VELO_CHAOS_SEED=5 npm test`. */
const SEED = Number(process.env.VELO_CHAOS_SEED ?? 1);
/** ms. It takes about 80 s, half as much again on a busy machine. */
const LIMIT = 170_000;

describe.skipIf(!javaAvailable())('chaos, in its short form', () => {
  it(
    'loses no record, and handles none again but those that were not committed',
    async () => {
      const told: string[] = [];
      const tell = (line: string) => void told.push(line);
      const run = runChaos({ seed: SEED, client: 'kafkajs', scale: SHORT, limit: LIMIT - 10_000, tell });
      const result = await run.catch((error: unknown) => {
        console.error(told.join('\n'));
        throw error;
      });
      const { verdict, troubles, crew, timeline } = result;
      console.log(`chaos, seed ${SEED}: ${lastLine(verdict)}`);
      if (verdict.faults.length > 0 || troubles.length > 0) {
        console.error([...told, summary(verdict, result)].join('\n'));
      }
      expect(verdict.faults).toEqual([]);
      expect(troubles).toEqual([]);
      expect(verdict.produced).toBeGreaterThanOrEqual(SHORT.records);
      expect(verdict.handled + verdict.deadLettered).toBe(verdict.produced);
      expect(timeline.brokerKills).toHaveLength(SHORT.measuredKills + SHORT.mixedKills);
      expect(timeline.brokerKills.some(({ wasCoordinator }) => wasCoordinator)).toBe(true);
      const killed = memberEnds(crew.all, verdict).filter((member) => member.killed);
      expect(killed).toHaveLength(SHORT.memberKills);
      const between = killed.filter(({ handedOff }) => handedOff > 0);
      expect(between.length).toBeGreaterThanOrEqual(SHORT.killsAtHandOff);
    },
    LIMIT,
  );
});
