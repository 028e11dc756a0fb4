// One file, since all calls share what is open, and `close()` ends it.
import {
  type Clock,
  checkNames,
  type Duration,
  foreignMessage,
  handlingSettings,
  RetryMetrics,
  resolveRetryOptions,
  systemClock,
  toMilliseconds,
  VeloError,
  watchRejection,
} from '@velo/retry-core';
import type { ClientBinding } from './binding/binding.js';
import type { KafkaRecord } from './binding/record.js';
import { closeOnSignals, type EndSignal } from './close-on.js';
import { Consumer } from './consumer/consumer.js';
import { type StopOptions, stopLimits } from './consumer/stop-limits.js';
import type { VeloConsumer } from './consumer/velo-consumer.js';
import { createDeadLetters } from './dead-letters/dead-letters.js';
import type { DeadLetters, DeadLettersConfig } from './dead-letters/types.js';
import { type Diagnosis, diagnosis } from './diagnosis/diagnose.js';
import type { DiagnoseOptions, Finding } from './diagnosis/finding.js';
import type { Observer } from './observing/observer.js';
import { checkObservers, Observers } from './observing/observers.js';
import { Watching } from './observing/watching.js';
import type { ConsumerConfig, ConsumerSettings, Logger } from './plan/config.js';
import { guardedStrategy } from './plan/guarded-options.js';
import { type ConsumerDefaults, checkDefaults, type Layer, layered, settingLayers } from './plan/layers.js';
import { checkConsumer, planConsumer } from './plan/plan.js';
import { consoleLogger, safeLogger } from './plan/safe-logger.js';
import {
  createProducer,
  PRODUCER_NAMES,
  type ProducerConfig,
  type VeloProducer,
} from './producer/producer.js';
import { checkNewTopics, ensureTopics, type NewTopic } from './topology/ensure-topics.js';
import { TopicList } from './topology/topic-list.js';
import { type TopicWait, type WaitForTopicOptions, waitForTopic } from './topology/wait-for-topic.js';

export interface VeloOptions {
  /**
   * What holds for all consumers where they do not say otherwise: merged with each one's configuration, option by option; lists, functions, loggers and strategies
   * replace each other. @default none
   */
  readonly consumers?: ConsumerDefaults | undefined;
  /** Properties such as `topic.wait.timeout`; they win over the environment. */
  readonly properties?: Readonly<Record<string, string | undefined>> | undefined;
  /** @default process.env */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /**
   * A bad property or environment variable throws, and so does the start of a consumer whose tiers or dead letters lose
   * records by their topics' settings. @default false: a warning
   */
  readonly strict?: boolean | undefined;
  /** @default console for warnings and errors */
  readonly logger?: Logger | undefined;
  /** @default the system's */
  readonly clock?: Clock | undefined;
  /** What watches the consumers, the producers and the replays of this velo: telemetry, for one. @default none */
  readonly observers?: readonly Observer[] | undefined;
}

/** Retries for one Kafka client. */
export interface Velo extends AsyncDisposable {
  /**
   * Resolves when the topic exists.
   *
   * @throws {VeloError} `VELO_TOPIC_MISSING`, `VELO_TIMEOUT` or `VELO_CLIENT`, whose message says why and what to do
   */
  waitForTopic(
    topic: string,
    options?: {
      /** @default `topic.wait.timeout`, itself 0: look once */
      readonly timeout?: Duration | undefined;
      readonly signal?: AbortSignal | undefined;
      readonly onWait?: ((wait: TopicWait) => void) | undefined;
    },
  ): Promise<void>;
  /** Creates the topics that do not exist, and waits until they do. */
  ensureTopics(topics: readonly NewTopic[]): Promise<void>;
  producer(config?: ProducerConfig): VeloProducer;
  /** @throws {VeloError} `VELO_INVALID_OPTION` */
  consumer<T = KafkaRecord>(config: ConsumerConfig<T>): VeloConsumer;
  /**
   * Looks at a group from outside: whether the brokers are reached, its topics are as they must be, its members read them, and
   * what is left, waits, or was given up. One finding after the other, as they are found; what may not be asked is a finding,
   * too. Nothing is written and nothing committed; the oldest records are read in a group `<groupId>-diagnosis-…`. The iteration throws
   * the signal's reason on abort, and `VELO_ABORTED` where velo is closed.
   *
   * @throws {VeloError} `VELO_INVALID_OPTION`
   */
  diagnose(options: DiagnoseOptions): AsyncIterable<Finding>;
  /**
   * The dead letters of a group: to be looked at, replayed and discarded. Connects at its first call.
   *
   * @throws {VeloError} `VELO_INVALID_OPTION`
   */
  deadLetters(config: DeadLettersConfig): DeadLetters;
  /** Of all consumers and producers. */
  readonly metrics: RetryMetrics;
  /**
   * Stops all consumers, disconnects all producers, ends what is done with dead letters. Twice is fine, and the first call's limits count.
   *
   * @param options of each consumer, as `stop()` takes them
   * @throws {VeloError} `VELO_INVALID_OPTION`, at once
   */
  close(options?: StopOptions): Promise<void>;
  /**
   * Closes at the first of these signals; when all is closed the process ends by itself, with the exit code that it has been given, if
   * nothing else of yours keeps it. What comes within a second is the same signal; another one ends the process at once, as Node does by
   * itself, unless somebody else listens. Several velos of a process may each have it; the signals are not heard any more once velo is closed.
   *
   * @param options as `close()` takes them
   * @returns a function that stops listening
   * @throws {VeloError} `VELO_INVALID_OPTION` for a signal that there is not, or that no process can hear
   */
  closeOn(signals: readonly EndSignal[], options?: StopOptions): () => void;
}

/** An adapter may have more. */
export const VELO_NAMES = {
  // Checked by themselves.
  consumers: true,
  properties: true,
  env: true,
  strict: true,
  logger: true,
  clock: true,
  observers: true,
} as const satisfies Record<keyof VeloOptions, true>;

const WAIT_NAMES = { timeout: true, signal: true, onWait: true } as const;

/** A wait for a topic is a warning at once, then so seldom; ms. */
const SELDOM = 60_000;

/**
 * Everything that velo offers, over one client. Adapters call this; users call their `createVelo`.
 *
 * @param open a new binding: each consumer, each producer and the topic calls have one of their own
 */
export function createVeloOn(open: () => ClientBinding, options: VeloOptions = {}): Velo {
  checkNames(options, VELO_NAMES, 'createVelo()');
  const { clock = systemClock, properties, env, strict } = options;
  const logger = safeLogger(options.logger ?? consoleLogger);
  const resolved = resolveRetryOptions({ properties, env, strict });
  const outer: readonly Layer[] = [
    { from: 'createVelo()', options: checkDefaults(options.consumers) },
    ...settingLayers(handlingSettings({ properties, env })),
  ];
  for (const warning of resolved.warnings) logger.warn(warning);
  const { strategy, waitTimeout, partitions, replicationFactor } = resolved;
  const metrics = new RetryMetrics();
  const observers = new Observers(
    checkObservers(options.observers),
    new Watching(clock, (message) => logger.warn(message)),
  );
  /** Consumers and producers that were not stopped yet. */
  const closing = new Set<(options?: StopOptions) => Promise<void>>();
  /** What ends each `closeOn`. */
  const listening = new Set<() => void>();
  const topicList = new TopicList(clock);
  let shared: ClientBinding | undefined;
  let closed: Promise<void> | undefined;

  const client = () => {
    assertOpen();
    shared ??= open();
    return shared;
  };
  const assertOpen = () => {
    if (closed)
      throw new VeloError(
        'VELO_CLOSED',
        'This velo is closed: its consumers and producers have stopped, and nothing was begun. Make a new one with createVelo().',
      );
  };
  const wait = (
    binding: ClientBinding,
    topic: string,
    asked: Pick<WaitForTopicOptions, 'timeout' | 'created' | 'signal' | 'onWait'>,
  ) => {
    let toldAt = Number.NEGATIVE_INFINITY;
    return waitForTopic(binding, topic, {
      ...asked,
      strategy,
      clock,
      partitions,
      replicationFactor,
      onWait: (event) => {
        const isNews = clock.now() - toldAt >= SELDOM;
        if (isNews) toldAt = clock.now();
        logger[isNews ? 'warn' : 'info'](event.explanation, { event: 'wait', topic, elapsed: event.elapsed });
        const told: unknown = asked.onWait?.(event);
        watchRejection(told, (error) =>
          logger.error(
            `onWait of waitForTopic() was rejected: ${foreignMessage(error)}. The wait goes on. Mend the function: nobody takes what it throws.`,
          ),
        );
      },
    });
  };

  const velo: Velo = {
    metrics,
    async waitForTopic(topic, options = {}) {
      checkNames(options, WAIT_NAMES, 'waitForTopic()');
      const { timeout, signal, onWait } = options;
      await wait(client(), topic, {
        timeout: timeout === undefined ? waitTimeout : toMilliseconds(timeout, 'timeout'),
        signal,
        onWait,
      });
    },
    async ensureTopics(topics) {
      checkNewTopics(topics);
      const binding = client();
      const until = (topic: string) => wait(binding, topic, { timeout: 0, created: true });
      await ensureTopics(topics, {
        client: binding,
        partitions,
        replicationFactor,
        wait: until,
        strategy,
        clock,
      });
    },
    producer(options = {}) {
      assertOpen();
      checkNames(options, PRODUCER_NAMES, 'producer()');
      const { strategy: own, ...config } = options;
      const waits = own && guardedStrategy(own, 'strategy of a producer', logger.warn);
      const producer = createProducer({
        ...config,
        strategy: waits,
        open,
        metrics,
        clock,
        observers,
        onClosed: () => closing.delete(disconnect),
      });
      const disconnect = () => producer.disconnect();
      closing.add(disconnect);
      return producer;
    },
    consumer(config) {
      assertOpen();
      checkConsumer(config);
      const { options: merged, origins } = layered([{ from: 'consumer()', options: config }, ...outer]);
      const settings = merged as ConsumerSettings<KafkaRecord>;
      const own = settings.logger === undefined ? logger : safeLogger(settings.logger);
      const log = own.with({ group: settings.groupId });
      const binaryHeaders = () => client().capabilities.binaryHeaders;
      const plan = planConsumer(settings, waitTimeout, binaryHeaders, log.warn);
      if (plan.handOff === 'transactional' && client().capabilities.transactions === undefined)
        throw new VeloError(
          'VELO_NOT_SUPPORTED',
          "handOff is 'transactional', and this Kafka client has no transactions here. No consumer was made. Set it to 'at-least-once'.",
        );
      const consumer = new Consumer({
        plan,
        open,
        clientOptions: settings.client,
        origins,
        waitForTopic: wait,
        strict: strict ?? false,
        topicList,
        clock,
        metrics,
        logger: log,
        observers,
      });
      const stop = (options?: StopOptions) => consumer.stop(options);
      closing.add(stop);
      consumer.on('stopped', () => closing.delete(stop));
      return consumer;
    },
    diagnose(asked) {
      assertOpen();
      const { findings, close }: Diagnosis = diagnosis({
        asked,
        open,
        clock,
        onBegun: () => closing.add(close),
        onEnded: () => closing.delete(close),
      });
      return findings;
    },
    deadLetters(config) {
      assertOpen();
      const letters = createDeadLetters({
        config,
        open,
        clock,
        observers,
        random: Math.random,
        onClosed: () => closing.delete(close),
      });
      const close = () => letters.close();
      closing.add(close);
      return letters;
    },
    close(options) {
      stopLimits(options, 'close()');
      closed ??= (async () => {
        await Promise.all([...closing].map((close) => close(options)));
        await shared?.close();
      })().finally(() => {
        for (const forget of listening) forget();
      });
      return closed;
    },
    closeOn(signals, options) {
      assertOpen();
      stopLimits(options, 'closeOn()');
      const forget = closeOnSignals(signals, {
        clock,
        close: async (signal) => {
          logger.info(`${signal}: velo closes. Running handlers may finish first.`);
          await velo.close(options).catch((error: unknown) => {
            logger.error(
              `velo could not close all after ${signal}: ${foreignMessage(error)}. What is not committed comes again. Look at that error; a process that does not end by itself may be killed.`,
            );
          });
        },
      });
      listening.add(forget);
      return () => {
        listening.delete(forget);
        forget();
      };
    },
    [Symbol.asyncDispose]: () => velo.close(),
  };
  return velo;
}
