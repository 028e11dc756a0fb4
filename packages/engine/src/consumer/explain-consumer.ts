import { formatDuration } from '@velo/retry-core';
import type { TransactionCapabilities } from '../binding/binding.js';
import { explainOrigins } from '../plan/explain-origins.js';
import type { OptionOrigin } from '../plan/layers.js';
import type { ConsumerPlan } from '../plan/plan.js';
import type { Route } from '../plan/plan-topic.js';
import { ownTopics } from '../topology/own-topics.js';
import { describeFaults, type TopicFault } from '../topology/topic-faults.js';
import { explainFlow } from './explain-flow.js';

/** What is known of a consumer. */
export interface ExplainedConsumer {
  readonly plan: ConsumerPlan;
  /** Of the options that the plan was made of. @default nothing */
  readonly origins?: readonly OptionOrigin[] | undefined;
  /** What its client can do. */
  readonly transactions?: TransactionCapabilities | undefined;
  /** How many the member owns now, tiers' among them. @default 0 */
  readonly partitions?: number | undefined;
  /** What is wrong with topics of velo's own, as found at the start. @default nothing */
  readonly faults?: readonly TopicFault[] | undefined;
  /** Tiers of another configuration that it reads. @default none */
  readonly former?: readonly Route[] | undefined;
  /** Replay topics that it reads. @default none */
  readonly replays?: readonly Route[] | undefined;
}

/** What a consumer will do with a record that fails, for people: waits, topics, the longest way to the end. */
export function explainConsumer({
  plan,
  origins = [],
  transactions,
  partitions = 0,
  faults = [],
  former = [],
  replays = [],
}: ExplainedConsumer): string {
  const lines = [`Consumer group ${plan.groupId}`];
  for (const source of plan.sources) {
    const route = plan.routes.get(source) as Route;
    const { tiers } = route;
    const { maxAttempts } = route.limits;
    const inPlace = waitsInPlace(route);
    const handlers = sideBySide(route, plan.perConsumer);
    lines.push('', `Topic ${source} (without a committed offset: from the ${plan.startFrom})`);
    if (handlers !== '') lines.push(`  at once:  ${handlers}`);
    lines.push(
      `  in place: ${count(maxAttempts, 'attempt')}${inPlace.length > 0 ? `, waits ${summary(inPlace)}` : ''}`,
    );
    for (const { topic, tierNumber, wait } of tiers) {
      lines.push(
        `  tier ${tierNumber}:   after ${formatDuration(wait)} from ${topic}, ${count(maxAttempts, 'attempt')}`,
      );
    }
    lines.push(`  then:     ${ending(route)}`, ...explainFlow(route).map((line) => `  ${line}`));
    if (route.keepKeyOrder)
      lines.push(
        '  order:    records of a key that waits in a tier join it untried, and are handled when it has ended; health() counts them as followers: many of one key mean that it keeps failing',
      );
    const total =
      inPlace.reduce((a, b) => a + b, 0) * (tiers.length + 1) +
      tiers.reduce((sum, { wait }) => sum + wait, 0);
    lines.push(
      `  a record that keeps failing gets there after ${formatDuration(total)} of waiting and ${count(maxAttempts * (tiers.length + 1), 'attempt')}`,
    );
  }
  if (plan.handOff === 'transactional' && transactions !== undefined)
    lines.push('', ...explainTransactions(transactions, partitions));
  const own = ownTopics(plan);
  if (own.length > 0) {
    lines.push(
      '',
      `Topics of velo's own (${plan.createTopics ? 'created if missing' : 'must exist'}; as many partitions as their sources)`,
    );
    for (const { topic, sources, retention } of own)
      lines.push(`  ${topic}  for ${sources.join(', ')}, keeps its records for ${formatDuration(retention)}`);
    lines.push(
      '  one that is there already must not be compacted, and a tier must keep its copies longer than its wait',
    );
  }
  if (faults.length > 0) lines.push('', 'Not as they must be', describeFaults(faults));
  if (former.length > 0) {
    lines.push(
      '',
      'Tiers of another configuration, read for as long as they exist (delete a topic when it is empty)',
    );
    for (const { topic, source } of former) lines.push(`  ${topic}  for ${source}`);
  }
  if (replays.length > 0) {
    lines.push('', 'Replay topics, in which dead letters come back to this group alone');
    for (const { topic, source } of replays) lines.push(`  ${topic}  for ${source}`);
  }
  lines.push('', 'Where options come from; all others are defaults', ...explainOrigins(origins));
  return lines.join('\n');
}

function explainTransactions(
  { scope, timeout, maxPartitions }: TransactionCapabilities,
  partitions: number,
): string[] {
  const producers =
    scope === 'by-member'
      ? 'one for this member'
      : `one for each partition that this member owns, tiers' among them: ${partitions} now${maxPartitions === undefined ? '' : `, ${maxPartitions} at most`}`;
  return [
    'Copies and offsets in one transaction: readers of committed records see each copy exactly once',
    `  producers: ${producers}`,
    `  a member that dies in one blocks those readers until its partition has a new owner, or the brokers abort it: after ${formatDuration(timeout)}, at their next look`,
  ];
}

/** Nothing where one record runs at a time, and the consumer has no limit. */
function sideBySide({ batch, concurrency: { perPartition, order } }: Route, perConsumer: number): string {
  const parts: string[] = [];
  if (order === 'key') parts.push('those of one key one after the other');
  if (order === 'none') parts.push('in no order');
  if (perConsumer !== Number.POSITIVE_INFINITY) parts.push(`${perConsumer} in the consumer`);
  if (batch !== undefined)
    parts.push(
      `in batches of up to ${count(batch.maxRecords, 'record')} or ${count(batch.maxBytes, 'byte')}`,
    );
  return parts.length === 0 ? '' : [`${perPartition} in each partition`, ...parts].join(', ');
}

function waitsInPlace({ limits }: Route): number[] {
  // More than a screen of waits says no more, and maxAttempts may be huge.
  return Array.from({ length: Math.min(limits.maxAttempts - 1, 1_000) }, (_, i) => limits.strategy.delay(i));
}

function summary(waits: readonly number[]): string {
  const shown = waits.slice(0, 5).map(formatDuration).join(', ');
  return waits.length > 5
    ? `${shown}, … (${formatDuration(waits.reduce((a, b) => a + b, 0))} in all)`
    : shown;
}

function ending({ exhausted }: Route): string {
  if (exhausted.action === 'dead-letter') {
    const { topic, router } = exhausted;
    const others = router.topics.filter((other) => other !== topic);
    return `dead-letter topic ${topic}${others.length > 0 ? `, some to ${others.join(', ')}` : ''}`;
  }
  return exhausted.action === 'skip' ? 'skipped, with an event' : 'the consumer stops before the record';
}

function count(number: number, noun: string): string {
  return `${number.toLocaleString('en-US')} ${noun}${number === 1 ? '' : 's'}`;
}
