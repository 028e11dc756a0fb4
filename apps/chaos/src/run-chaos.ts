import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type KafkaCluster, startKafka } from '@velo/testkit';
import { readBack, visibleEnds } from './check/read-back.js';
import { judge, type Verdict } from './check/verdict.js';
import type { ClientName } from './clients.js';
import { Administrator } from './cluster/administrator.js';
import { untilDrained } from './cluster/drain.js';
import { OBSERVER, Observer } from './cluster/observer.js';
import { Crew } from './crew.js';
import { doStep } from './faults/do-step.js';
import type { Stage } from './faults/stage.js';
import { Timeline } from './faults/timeline.js';
import { HistoryReader } from './history/reader.js';
import { historyWriter } from './history/writer.js';
import { Load } from './load.js';
import type { HandOffMode } from './member/settings.js';
import { planFaults } from './plan/fault-plan.js';
import type { Scale } from './plan/scale.js';
import { harmsOnlyBrokers } from './plan/selection.js';
import { CONSUMED, isSource } from './plan/topics.js';
import { type Recovery, recoveries } from './report/recovery.js';
import { Service } from './service.js';
import { until } from './wait.js';

export interface ChaosOptions {
  readonly seed: number;
  readonly client: ClientName;
  readonly handOff: HandOffMode;
  /** Handlers of a partition at once. */
  readonly concurrency: number;
  /** Later records of a key follow one that waits in a tier. @default false */
  readonly keepKeyOrder?: boolean;
  readonly scale: Scale;
  /** For the whole run, ms. */
  readonly limit: number;
  /** Histories and logs stay, also of a good run. @default false */
  readonly keep?: boolean;
  /** Told what happens, for people. */
  readonly tell: (line: string) => void;
  readonly signal?: AbortSignal;
}

export interface ChaosResult {
  readonly verdict: Verdict;
  readonly crew: Crew;
  readonly timeline: Timeline;
  readonly recoveries: readonly Recovery[];
  /** Faults in how the run itself went: a member that died by itself, records that could not be produced. */
  readonly troubles: readonly string[];
}

/** A node that is back leads its partitions again soon, so that its next kill is felt. */
const LEADERS_RETURN = {
  'leader.imbalance.check.interval.seconds': 2,
  'leader.imbalance.per.broker.percentage': 0,
};
/** After its timeout of 10 s, the brokers undo a dead member's transaction within a second. */
const TRANSACTIONS_UNDONE = { 'transaction.abort.timed.out.transaction.cleanup.interval.ms': 1_000 };
/** ms. Records behind a dead member's transaction are not seen before it is undone: neither by the group nor when counted. */
const TRANSACTIONS_END = 12_000;
/** Before the first fault records flow, for so long, ms. */
const WARM_UP = 3_000;
/** ms. A busy machine takes its time to start all clients. */
const FIRST_LIMIT = 60_000;
/** Between two lines of progress, ms. */
const PROGRESS_INTERVAL = 5_000;

/** Starts a cluster and a crew, does all that the plan says to them, and counts every record. */
export async function runChaos(options: ChaosOptions): Promise<ChaosResult> {
  const folder = await mkdtemp(join(tmpdir(), 'velo-chaos-'));
  let cluster: KafkaCluster | undefined;
  let isTidy = false;
  try {
    options.tell('three Kafka nodes are starting');
    cluster = await startKafka({
      nodes: 3,
      proxied: true,
      users: { [OBSERVER.username]: OBSERVER.password },
      properties: { ...LEADERS_RETURN, ...TRANSACTIONS_UNDONE },
    });
    const result = await runOn(cluster, folder, options);
    isTidy = !options.keep && result.verdict.faults.length === 0 && result.troubles.length === 0;
    return result;
  } finally {
    if (!isTidy) cluster?.keepLogs();
    await cluster?.stop();
    if (isTidy) await rm(folder, { recursive: true, force: true });
    else options.tell(`histories and logs are kept in ${folder}`);
  }
}

async function runOn(cluster: KafkaCluster, folder: string, options: ChaosOptions): Promise<ChaosResult> {
  const { seed, client, handOff, concurrency, keepKeyOrder = false, scale, limit, tell } = options;
  const failed = new AbortController();
  const signal = AbortSignal.any([
    AbortSignal.timeout(limit),
    failed.signal,
    ...(options.signal === undefined ? [] : [options.signal]),
  ]);
  const { brokers } = cluster;
  const observer = new Observer(cluster, signal);
  const administrator = new Administrator(observer, signal);
  const mixed = scale.deploys > 0;
  const breaker = scale.outages > 0;
  const crew = new Crew(
    { folder, client, handOff, concurrency, keepKeyOrder, breaker, brokers, seed },
    mixed ? 'old' : 'new',
  );
  const service = new Service(folder);
  const began = performance.now();
  const stamped = (text: string) =>
    tell(`${((performance.now() - began) / 1_000).toFixed(1).padStart(6)} s  ${text}`);
  const timeline = new Timeline(stamped);
  const stage: Stage = { cluster, observer, administrator, crew, service, timeline, signal };
  const producerFile = join(folder, 'producer.history');
  const load = new Load({ client, brokers, seed, write: historyWriter(producerFile), ...scale, signal });
  const progress = setInterval(() => stamped(progressLine(load, crew)), PROGRESS_INTERVAL);
  try {
    await administrator.createTopics(scale.offlineKills > 0);
    for (let i = 0; i < scale.members; i++) crew.start();
    await crew.joined(signal);
    stamped(`${scale.members} members have joined`);
    const producing = load.run();
    producing.catch((error: unknown) => failed.abort(error));
    await until(() => handledBy(crew) > 0, 'records are handled', { limit: FIRST_LIMIT, signal });
    await sleep(WARM_UP, undefined, { signal });
    for (const step of planFaults(seed, scale)) await doStep(stage, step);
    load.finish();
    await until(() => load.hasAll, 'all is produced', { limit, signal });
    stamped('all is produced; tiers run out');
    if (handOff === 'transactional') await sleep(TRANSACTIONS_END, undefined, { signal });
    const ends = (topic: string) => observer.ends(topic);
    // Behind the last record of a transaction is its marker, which nobody can commit.
    const isMarked = (topic: string) => handOff === 'transactional' && !isSource(topic);
    const visible = (topics: readonly string[]) =>
      visibleEnds(observer.connection, ends, topics.filter(isMarked));
    const lag = (topics?: readonly string[]) => observer.lag(visible, topics);
    const tiers = CONSUMED.filter((topic) => !isSource(topic));
    // While something is still produced, an open circuit breaker gets records that pass: else those that never do hold their source
    // for 15 minutes. What is left then is told below.
    await untilDrained(() => lag(tiers), signal).catch(() => signal.throwIfAborted());
    load.end();
    await producing;
    // What is left then is counted as lost, by its name.
    const stuck = await untilDrained(() => lag(), signal).then(
      () => [],
      (error: Error) => (signal.aborted ? Promise.reject(error) : [error.message]),
    );
    const { deserters } = crew;
    await crew.leaveAll();
    const troubles = [...stuck, ...deserters, ...crew.troubles];
    if (load.refused > 0) troubles.push(`the producer gave up on ${load.refused} records`);
    clearInterval(progress);
    stamped('all members have left; every record is counted');
    const stored = await readBack(observer.connection, ends);
    const producer = new HistoryReader(producerFile);
    producer.poll();
    const histories = crew.histories();
    const verdict = judge({
      seed,
      handOff,
      renumbers: client !== 'kafkajs',
      mixed,
      onlyBrokers: harmsOnlyBrokers(scale),
      histories,
      producer: { process: 'producer', entries: producer.entries },
      sources: stored.filter(({ topic }) => isSource(topic)),
      copies: stored.filter(({ topic }) => !isSource(topic)),
      resets: timeline.resets,
      remade: timeline.remade,
      brokerKills: timeline.brokerKills,
      outages: timeline.outages,
      concurrency,
      keepKeyOrder,
    });
    return { verdict, crew, timeline, recoveries: recoveries(timeline.brokerKills, histories), troubles };
  } finally {
    clearInterval(progress);
    failed.abort(new Error('the run is over'));
    await crew.killAll();
    await observer.close();
  }
}

function progressLine(load: Load, crew: Crew): string {
  return `${load.acknowledged} produced, ${handledBy(crew)} handled, ${crew.present.length} members`;
}

function handledBy(crew: Crew): number {
  let handled = 0;
  for (const { entries } of crew.histories()) {
    for (const entry of entries) if (entry.kind === 'tried' && entry.passed) handled++;
  }
  return handled;
}
