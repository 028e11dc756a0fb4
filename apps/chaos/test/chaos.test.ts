import { inspect } from 'node:util';
import { newerNode } from '@velo/newer-node';
import { javaAvailable } from '@velo/testkit';
import { describe, expect, it } from 'vitest';
import { type Scale, SHORT } from '../src/plan/scale.js';
import { only } from '../src/plan/selection.js';
import { lastLine, memberEnds, summary } from '../src/report/summary.js';
import { runChaos } from '../src/run-chaos.js';

/** Another one: `VELO_CHAOS_SEED=5 npm test`. */
const SEED = Number(process.env.VELO_CHAOS_SEED ?? 1);
/** ms. It takes about 100 s, twice as long on a busy machine. */
const LIMIT = 360_000;
/**
 * Of one partition, beyond the cluster's failover, ms. Longer is a stall: the members' waits are shorter, and so is the
 * producer's. How short it is on a machine of its own, `npm run chaos` tells; here other suites have the processors too.
 */
const STALL = 30_000;

/** Each node is killed once. The other kinds of faults are for `npm run chaos`. */
const SCALE: Scale = { ...only(SHORT, 'broker-kills', 'network', 'member-kills', 'changes'), mixedKills: 2 };

/** Consumers have circuit breakers, which open and close while members die, come and leave. */
const WITH_BREAKERS: Scale = { ...SCALE, outages: 2 };

const FORMS = [
  {
    client: 'kafkajs',
    handOff: 'at-least-once',
    concurrency: 16,
    keepKeyOrder: true,
    scale: SCALE,
    seed: SEED,
  },
  { client: 'kafkajs', handOff: 'transactional', concurrency: 1, scale: WITH_BREAKERS, seed: SEED },
  { client: 'rdkafka', handOff: 'at-least-once', concurrency: 1, scale: WITH_BREAKERS, seed: SEED },
  { client: 'rdkafka', handOff: 'transactional', concurrency: 16, scale: SCALE, seed: SEED },
  { client: 'confluent', handOff: 'at-least-once', concurrency: 16, scale: SCALE, seed: SEED },
  { client: 'confluent', handOff: 'transactional', concurrency: 1, scale: SCALE, seed: SEED },
  { client: 'platformatic', handOff: 'at-least-once', concurrency: 16, scale: SCALE, seed: SEED },
  { client: 'platformatic', handOff: 'transactional', concurrency: 1, scale: SCALE, seed: SEED },
] as const;

/** Those whose client has a Node to run on here. */
const formsHere = FORMS.filter(({ client }) => client !== 'platformatic' || newerNode() !== undefined);

type Form = Omit<Parameters<typeof runChaos>[0], 'limit' | 'tell'>;

/** Runs it, and shows what it told where a rule is broken. */
async function run(form: Form) {
  const told: string[] = [];
  const tell = (line: string) => void told.push(line);
  const result = await runChaos({ ...form, limit: LIMIT - 10_000, tell }).catch((error: unknown) => {
    console.error(told.join('\n'));
    throw error;
  });
  const { verdict, troubles } = result;
  console.log(`chaos, ${form.client}, ${form.handOff}, seed ${form.seed}: ${lastLine(verdict)}`);
  const wrong = [...verdict.faults.map((fault) => inspect(fault, { breakLength: Infinity })), ...troubles];
  if (wrong.length > 0) console.error([...told, summary(verdict, result)].join('\n'));
  expect(wrong, wrong.join('\n')).toEqual([]);
  expect(verdict.handled + verdict.deadLettered).toBe(verdict.produced);
  expect(verdict.produced + verdict.gone).toBeGreaterThanOrEqual(form.scale.records);
  return result;
}

describe.skipIf(!javaAvailable())('chaos, in its short form', () => {
  it.each(formsHere)(
    'loses no record, and handles none again but those that were not committed ($client, $handOff, $concurrency at once, seed $seed)',
    async (form) => {
      const { scale } = form;
      const { verdict, crew, timeline, recoveries } = await run(form);
      expect(timeline.brokerKills).toHaveLength(scale.measuredKills + scale.mixedKills + scale.offlineKills);
      expect(timeline.outages).toHaveLength(scale.outages);
      expect(timeline.brokerKills.some(({ wasCoordinator }) => wasCoordinator)).toBe(true);
      expect(new Set(timeline.brokerKills.map(({ node }) => node))).toEqual(new Set([1, 2, 3]));
      const measured = recoveries.filter(({ kill }) => kill.memberFaults === 0);
      expect(measured.length).toBeGreaterThanOrEqual(scale.measuredKills);
      for (const { partitionSilence, failover } of measured)
        expect(partitionSilence - failover).toBeLessThan(STALL);
      const killed = memberEnds(crew.all, verdict).filter((member) => member.killed);
      expect(killed.length).toBeGreaterThanOrEqual(scale.memberKills);
      // By transaction there is nothing between the copy and the commit.
      const between =
        form.handOff === 'transactional' ? killed : killed.filter(({ handedOff }) => handedOff > 0);
      expect(between.length).toBeGreaterThanOrEqual(scale.killsAtHandOff);
    },
    LIMIT,
  );
});
