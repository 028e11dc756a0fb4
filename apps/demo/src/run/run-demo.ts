import { setTimeout as sleep } from 'node:timers/promises';
import type { VeloConsumer } from '@velo/kafkajs';
import type { Colors } from 'picocolors/types.js';
import { describeCluster } from '../cluster/cluster.js';
import { plainKafka } from '../cluster/plain-kafka.js';
import { DemoError } from '../demo-error.js';
import { demoFaults } from '../faults/demo-faults.js';
import { FaultPlan } from '../faults/fault-plan.js';
import { QUICK_SCENARIO, SCENARIO, type Scenario } from '../faults/scenario.js';
import { observe } from '../films/film-events.js';
import { type InputSurvey, readInput, surveyInput } from '../films/input.js';
import { formatMs, plural } from '../format.js';
import { Journal } from '../report/journal.js';
import { type Output, Progress } from '../report/progress.js';
import { readBack } from '../report/read-back.js';
import { Scoreboard } from '../report/scoreboard.js';
import type { RunResult } from '../report/summary.js';
import { Timeline } from '../report/timeline.js';
import { Cleanup } from './cleanup.js';
import { filmConsumer } from './consumption.js';
import { introduction } from './introduction.js';
import { consumerNews, veloLogger } from './news.js';
import type { DemoOptions } from './options.js';
import { produceFilms } from './production.js';
import { openStage, type Stage } from './stage.js';

/** For the handlers that still run when the demo ends early, ms. */
const STOP_LIMIT = 3_000;

/** Without any film settled or retried for so long, ms, the run is counted as it stands. */
const STUCK_AFTER = 60_000;

export interface DemoContext {
  readonly options: DemoOptions;
  readonly output: Output;
  readonly colors: Colors;
  /** Ends the run early. */
  readonly signal: AbortSignal;
  readonly scenario?: Scenario;
}

export interface DemoRun extends RunResult {
  /** Where the films went through. */
  readonly cluster: string;
}

/** What the steps of a run share. */
interface Run {
  readonly scenario: Scenario;
  readonly survey: InputSurvey;
  readonly stage: Stage;
  readonly timeline: Timeline;
  readonly scoreboard: Scoreboard;
  readonly journal: Journal;
  readonly signal: AbortSignal;
}

/**
 * The main job: every film through every fault, and the count at the end.
 *
 * @throws {DemoError} if it cannot be done, with what to do
 */
export async function runDemo(context: DemoContext): Promise<DemoRun> {
  const { options, output, colors, signal } = context;
  const scenario = context.scenario ?? (options.quick ? QUICK_SCENARIO : SCENARIO);
  const survey = await surveyInput(options.input);
  const cleanup = new Cleanup();
  const progress = new Progress(output);
  cleanup.defer(() => progress.stop());
  try {
    const timeline = new Timeline();
    const journal = new Journal(progress, timeline, colors);
    for (const line of introduction(options, survey, scenario.tiers, colors)) progress.log(line);
    const stage = await openStage(options, survey, scenario.tiers, cleanup, veloLogger(journal));
    if (stage.watch !== undefined) journal.note(`watch it at ${stage.watch.url}: /metrics, /live and /ready`);
    const scoreboard = new Scoreboard(timeline, survey.records);
    const run: Run = { scenario, survey, stage, timeline, scoreboard, journal, signal };
    progress.start(() => ({
      elapsed: timeline.elapsed,
      total: survey.records,
      produced: scoreboard.produced,
      handled: scoreboard.handled,
      deadLettered: scoreboard.deadLettered,
      waiting: scoreboard.waiting,
    }));
    await passAllFilms(run, cleanup);
    const snapshot = timeline.snapshot();
    const tally = await readBack(plainKafka(stage.cluster.brokers), stage.topics);
    progress.stop();
    const cluster = describeCluster(options.brokers);
    const metrics = stage.velo.metrics.snapshot();
    return { survey, tally, scoreboard, timeline: snapshot, tiers: scenario.tiers, metrics, cluster };
  } finally {
    await cleanup.run();
  }
}

async function passAllFilms(run: Run, cleanup: Cleanup): Promise<void> {
  const { scenario, survey, stage, timeline, scoreboard, journal, signal } = run;
  const { velo, producer, topics, service, cluster } = stage;
  const { tiers } = scenario;
  const consumer = filmConsumer({ velo, producer, topics, serviceUrl: service.url, tiers });
  cleanup.defer(() => consumer.stop({ timeout: STOP_LIMIT }));
  stage.watch?.watch(consumer);
  const died = new Promise<never>((_, reject) => {
    observe(
      consumer,
      scoreboard,
      consumerNews(journal, (explanation) => reject(new DemoError(explanation))),
    );
  });
  died.catch(() => {});
  const interrupted = new Promise<never>((_, reject) => {
    const interrupt = () => {
      journal.note('interrupted: the consumer stops');
      reject(signal.reason as Error);
    };
    signal.addEventListener('abort', interrupt, { once: true });
  });
  interrupted.catch(() => {});

  const faults = new FaultPlan(
    demoFaults({ scenario, brokers: cluster.faults, service, timeline, journal, signal }),
  );
  const work = async () => {
    await startOnMissingTopic(run, consumer);
    journal.note(`${plural(survey.records, 'film')} are produced`);
    const { total, records } = { total: survey.records, records: readInput(survey.path) };
    const onSent = (films: number) => scoreboard.sent(films);
    const { production: duration } = scenario;
    await produceFilms({ producer, topic: topics.source, records, total, duration, faults, onSent, signal });
    journal.good('all films are produced: the brokers have acknowledged each of them');
    await faults.over();
    await Promise.race([scoreboard.allSettled(), stuck(run)]);
    await consumer.stop();
    journal.good('the consumer has stopped; the topics are read back and counted');
  };
  await Promise.race([work(), died, interrupted]);
}

/** The source topic does not exist at first: velo waits and says why; then it is created, and velo goes on. */
async function startOnMissingTopic(
  { scenario, stage, timeline, journal, signal }: Run,
  consumer: VeloConsumer,
) {
  const { cluster, topics, partitions } = stage;
  const over = timeline.outage('source topic missing');
  journal.fault(`the topic "${topics.source}" does not exist, and the consumer starts`);
  const started = consumer.start({ signal });
  await Promise.race([started, sleep(scenario.topicMissing, undefined, { signal })]);
  await cluster.createTopics([topics.source], partitions);
  over();
  journal.good(`the topic "${topics.source}" is created, with ${partitions} partitions`);
  await started;
  journal.good('velo has seen it: the consumer runs');
}

/** Resolves when nothing has moved for too long. */
async function stuck({ scoreboard, journal, signal }: Run): Promise<void> {
  let last = -1;
  for (;;) {
    const moved = scoreboard.settled.size + scoreboard.failedAttempts;
    if (moved === last) break;
    last = moved;
    await sleep(STUCK_AFTER, undefined, { signal, ref: false });
  }
  journal.fault(`nothing has moved for ${formatMs(STUCK_AFTER)}: what is there is counted`);
}
