import { fileURLToPath } from 'node:url';
import { resolveRetryOptions } from '@velo/retry-core';
import { describe, expect, it } from 'vitest';
import { documentedDefaults, written } from '../../retry-core/test/support/documented-defaults.js';
import { STOP_LIMIT, stopLimits } from '../src/consumer/stop-limits.js';
import { REPLAY_DEFAULTS } from '../src/dead-letters/check-options.js';
import { LISTED } from '../src/dead-letters/filter.js';
import { QUESTION_LIMIT } from '../src/diagnosis/diagnose.js';
import { DEFAULT_STRATEGY, DEFAULTS } from '../src/plan/defaults.js';
import { SEND_LIMIT, SEND_STRATEGY } from '../src/producer/producer.js';
import { PRINCIPAL, SERVER } from '../src/topology/requirements.js';

const { count, literal, bytes, time, waits } = written;
const { partitions, replicationFactor, waitTimeout } = resolveRetryOptions({ env: {} });

/** Where each default is documented, and in which words. */
const ofConfigurations = {
  startFrom: ['ConsumerSettings.startFrom', literal(DEFAULTS.startFrom)],
  handOff: ['ConsumerSettings.handOff', literal(DEFAULTS.handOff)],
  perPartition: ['ConcurrencyPolicy.perPartition', count(DEFAULTS.perPartition)],
  batchRecords: ['BatchPolicy.maxRecords', count(DEFAULTS.batchRecords)],
  batchBytes: ['BatchPolicy.maxBytes', bytes(DEFAULTS.batchBytes)],
  batchWait: ['BatchPolicy.maxWait', `${count(DEFAULTS.batchWait)}: what is there goes`],
  maxAttempts: ['InPlaceRetry.maxAttempts', count(DEFAULTS.maxAttempts)],
  tiers: ['RetryPolicy.tiers', DEFAULTS.tiers.map(time).join() || 'none'],
  tierHeaders: ['RetryPolicy.headers', literal(DEFAULTS.tierHeaders)],
  naming: ['RetryPolicy.naming', literal(DEFAULTS.naming)],
  stackTraces: ['RetryPolicy.stackTraces', literal(DEFAULTS.stackTraces)],
  exhausted: ['TopicPolicy.exhausted', `\`{ action: ${literal(DEFAULTS.exhausted.action)} }\``],
  retention: ['ExhaustedPolicy.retention', `${DEFAULTS.retention / 86_400_000} days`],
  refused: ['TopicPolicy.refused', literal(DEFAULTS.refused)],
  guardDeadLetters: ['GuardPolicy.deadLetters', count(DEFAULTS.guardDeadLetters)],
  guardShare: ['GuardPolicy.share', String(DEFAULTS.guardShare)],
  guardWithin: ['GuardPolicy.within', time(DEFAULTS.guardWithin)],
  breakerShare: ['BreakerPolicy.failureShare', String(DEFAULTS.breakerShare)],
  breakerAttempts: ['BreakerPolicy.minAttempts', count(DEFAULTS.breakerAttempts)],
  breakerWindow: ['BreakerPolicy.window', time(DEFAULTS.breakerWindow)],
  breakerOpenFor: ['BreakerPolicy.openFor', time(DEFAULTS.breakerOpenFor)],
  budgetRatio: ['RetryBudgetPolicy.ratio', String(DEFAULTS.budgetRatio)],
  budgetPerSecond: ['RetryBudgetPolicy.minPerSecond', count(DEFAULTS.budgetPerSecond)],
  budgetCapacity: ['RetryBudgetPolicy.capacity', count(DEFAULTS.budgetCapacity)],
  guardThen: ['GuardPolicy.then', literal(DEFAULTS.guardThen)],
  keepKeyOrder: ['RetryPolicy.keepKeyOrder', literal(DEFAULTS.keepKeyOrder)],
  createTopics: ['TopologyPolicy.create', literal(DEFAULTS.createTopics)],
  replicationFactor: [
    'TopologyPolicy.replicationFactor',
    // Kafka's own number for it.
    DEFAULTS.replicationFactor === -1 ? "the brokers'" : count(DEFAULTS.replicationFactor),
  ],
  bufferRecords: ['BufferPolicy.records', count(DEFAULTS.bufferRecords)],
  bufferBytes: ['BufferPolicy.bytes', bytes(DEFAULTS.bufferBytes)],
  bufferTotalBytes: ['BufferPolicy.totalBytes', bytes(DEFAULTS.bufferTotalBytes)],
  commitInterval: ['ConsumerSettings.commitInterval', time(DEFAULTS.commitInterval)],
  stallAfter: ['ConsumerSettings.stallAfter', time(DEFAULTS.stallAfter)],
} satisfies Record<keyof typeof DEFAULTS, readonly [option: string, words: string]>;

const ofTheRest = {
  'InPlaceRetry.strategy': waits(DEFAULT_STRATEGY),
  'StopOptions.timeout': time(STOP_LIMIT),
  'StopOptions.abortAfter': `three fifths of \`timeout\`, ${time(stopLimits({}, '').abortAfter)}`,
  'ConsumerSettings.waitForTopics': `\`topic.wait.timeout\`, itself ${count(waitTimeout)}`,
  'Velo.waitForTopic.options.timeout': `\`topic.wait.timeout\`, itself ${count(waitTimeout)}: look once`,
  'NewTopic.partitions': `\`VELOSTREAM_DEFAULT_PARTITIONS\`, itself ${count(partitions)}`,
  'NewTopic.replicationFactor': `\`VELOSTREAM_DEFAULT_REPLICATION_FACTOR\`, itself ${count(replicationFactor)}, or as many as there are brokers if they are fewer`,
  'ProducerConfig.strategy': waits(SEND_STRATEGY),
  'ProducerConfig.timeout': `${time(SEND_LIMIT)}, as Kafka's \`delivery.timeout.ms\``,
  'DiagnoseOptions.timeout': time(QUESTION_LIMIT),
  'DeadLetterListFilter.status': literal(LISTED),
  'DiscardOptions.dryRun': literal(REPLAY_DEFAULTS.dryRun),
  'ReplayOptions.canary': literal(REPLAY_DEFAULTS.canary),
  'ReplayOptions.dryRun': literal(REPLAY_DEFAULTS.dryRun),
  'ReplayOptions.maxReplays': count(REPLAY_DEFAULTS.maxReplays),
  'ReplayOptions.to': literal(REPLAY_DEFAULTS.to),
  'RequirementsOptions.principal': literal(PRINCIPAL),
  'RequirementsOptions.bootstrapServers': literal(SERVER),
};

/** Options whose default is something that is done, or nothing: there is no value to compare. */
const WITHOUT_A_VALUE = [
  'TopicPolicy.batch',
  'ConcurrencyPolicy.perConsumer',
  'DiagnoseOptions.exhausted',
  'DiagnoseOptions.retry',
  'DeadLettersConfig.handOff',
  'DeadLettersConfig.topics',
  'ExhaustedPolicy.headers',
  'ExhaustedPolicy.route',
  'ExhaustedPolicy.routeTopics',
  'ExhaustedPolicy.topic',
  'FlowPolicy.guard',
  'FlowPolicy.rate',
  'FlowPolicy.breaker',
  'FlowPolicy.retryBudget',
  'RatePolicy.burst',
  'BreakerPolicy.probe',
  'GuardPolicy.resumeAfter',
  'LogReaderOptions.patient',
  'ReplayOptions.filter',
  'ReplayOptions.perSecond',
  'ExplainedConsumer.faults',
  'ExplainedConsumer.former',
  'ExplainedConsumer.partitions',
  'ExplainedConsumer.replays',
  'Membership.families',
  'Membership.former',
  'OutgoingRecord.gzip',
  'ProducerMessage.partition',
  'ProducerMessage.timestamp',
  'RecordWriterOptions.patience',
  'TopicPolicy.concurrency',
  'TopicPolicy.decode',
  'TopicPolicy.handlerTimeout',
  'TopicPolicy.order',
  'VeloOptions.clock',
  'VeloOptions.env',
  'VeloOptions.logger',
  'VeloOptions.observers',
  'VeloOptions.strict',
  'CloseOnOptions.source',
  'ExplainedConsumer.origins',
  'VeloOptions.consumers',
  'WaitForTopicOptions.created',
];

describe('the documented defaults', () => {
  const documented = documentedDefaults(fileURLToPath(new URL('../src', import.meta.url)));

  it('are those that hold', () => {
    const held = { ...Object.fromEntries(Object.values(ofConfigurations)), ...ofTheRest };
    const withValue = [...documented].filter(([option]) => !WITHOUT_A_VALUE.includes(option));
    expect(Object.fromEntries(withValue)).toEqual(held);
  });

  it('have a value or are known to have none', () => {
    expect([...documented.keys()]).toEqual(expect.arrayContaining(WITHOUT_A_VALUE));
  });
});
