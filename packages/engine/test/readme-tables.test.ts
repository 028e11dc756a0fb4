import { readFileSync } from 'node:fs';
import { formatDuration, resolveRetryOptions } from '@velo/retry-core';
import { describe, expect, it } from 'vitest';
import { HANDLING_PROPERTIES, HANDLING_VARIABLES } from '../../retry-core/src/config/handling-settings.js';
import { PROPERTIES, VARIABLES } from '../../retry-core/src/config/settings.js';
import { written } from '../../retry-core/test/support/documented-defaults.js';
import { STOP_LIMIT, stopLimits } from '../src/consumer/stop-limits.js';
import { DEFAULT_STRATEGY, DEFAULTS } from '../src/plan/defaults.js';
import { createVeloOn } from '../src/velo.js';
import { healthCases } from './support/health-cases.js';
import { MemoryCluster } from './support/memory-cluster.js';

const { bytes, count, literal, time } = written;

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
const page = read('README.md');
const ADAPTERS = ['kafkajs', 'rdkafka', 'confluent', 'platformatic'].map(
  (name) => `packages/${name}/README.md`,
);

/** What stands below a heading, up to the next one. */
const sectionOf = (text: string, heading: string) =>
  text.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';

/** The cells of the tables below a heading, without their heads. */
function table(heading: string, text = page): string[][] {
  const rows = sectionOf(text, heading)
    .split('\n')
    .filter((line, i, lines) => line.startsWith('|') && !lines[i + 1]?.startsWith('|---'));
  return rows
    .filter((row) => !row.startsWith('|---'))
    .map((row) =>
      row
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    );
}

const names = (cell: string | undefined) => [...(cell ?? '').matchAll(/`([^`]+)`/g)].map(([, name]) => name);

/** How what is said of each option's default begins. */
function defaults() {
  const waits = [0, 1].map((index) => time(DEFAULT_STRATEGY.delay(index))).join(' and ');
  return {
    '`retry.inPlace`': `${DEFAULTS.maxAttempts} attempts, waits of ${waits}`,
    '`retry.tiers`': DEFAULTS.tiers.length === 0 ? 'none' : DEFAULTS.tiers,
    '`retry.keepKeyOrder`': `\`${literal(DEFAULTS.keepKeyOrder)}\``,
    '`exhausted`': `\`{ action: ${literal(DEFAULTS.exhausted.action)} }\``,
    '`concurrency`, `order`': `${DEFAULTS.perPartition} in each partition`,
    '`startFrom`': `\`${literal(DEFAULTS.startFrom)}\``,
    '`waitForTopics`': `\`topic.wait.timeout\`, itself ${count(resolveRetryOptions({ env: {} }).waitTimeout)}`,
    '`handlerTimeout`': `none; a handler that runs for ${time(DEFAULTS.stallAfter)}`,
    '`topology.create`': `\`${literal(DEFAULTS.createTopics)}\``,
    '`refused`': `\`${literal(DEFAULTS.refused)}\``,
    '`flow.guard`': `on: ${DEFAULTS.guardDeadLetters} dead letters or skips within ${time(DEFAULTS.guardWithin)} that are ${DEFAULTS.guardShare * 100} % of what ends`,
    '`retry.headers`, `exhausted.headers`': `\`${literal(DEFAULTS.tierHeaders)}\``,
    '`retry.naming`': `\`${literal(DEFAULTS.naming)}\``,
    '`handOff`': `\`${literal(DEFAULTS.handOff)}\``,
    '`buffer`': `a partition keeps ${count(DEFAULTS.bufferRecords)} records or ${bytes(DEFAULTS.bufferBytes)} before its fetching is paused, a consumer ${bytes(DEFAULTS.bufferTotalBytes)}`,
  };
}

describe('the README’s table of', () => {
  it('defaults says what holds', () => {
    const held = defaults();
    const told = table('Defaults').map(([option, words]) => [option, words] as const);
    expect(told.map(([option]) => option)).toEqual(Object.keys(held));
    const begun = told.map(([option = '', words = '']) => {
      const begin = String(held[option as keyof typeof held]);
      return [option, words.slice(0, begin.length)];
    });
    expect(Object.fromEntries(begun)).toEqual(held);
  });

  it('what to see to before production has the limits that hold', () => {
    const rows = Object.fromEntries(table('Before production').map(([what, how]) => [what, how]));
    expect(rows.shutdown).toContain(`may finish for ${time(stopLimits({}, '').abortAfter)}`);
    expect(rows.shutdown).toContain(`all is over after ${time(STOP_LIMIT)}`);
    expect(rows['hung handlers']).toContain(`\`stalled\` after ${time(DEFAULTS.stallAfter)}`);
  });

  it('health has each state, and what probes are told', () => {
    const rows = table('Health').map(([state, , live, ready]) => ({ state: names(state)[0], live, ready }));
    const told = (cell: string | undefined) => (cell ?? '').split(/[,;]/)[0]?.trim();
    expect(rows.map(({ state, live }) => [state, told(live)])).toEqual(
      [...new Set(healthCases.map(({ state }) => state))].map((state) => [
        state,
        healthCases.some((one) => one.state === state && one.live) ? 'yes' : 'no',
      ]),
    );
    for (const { state, ready } of rows) {
      const of = healthCases.filter((one) => one.state === state);
      const answers = of.map((one) => (one.ready ? 'yes' : 'no'));
      expect(answers, `${state}: ${ready}`).toContain(told(ready));
    }
  });

  it('events has each of them', () => {
    const consumer = createVeloOn(new MemoryCluster().open, { env: {} }).consumer({
      groupId: 'billing',
      topics: ['orders'],
      handler: () => {},
    });
    const all = /one of (.*)\.|Known are (.*)\.|has (.*)\./;
    let known = '';
    try {
      consumer.on('nothing' as never, () => {});
    } catch (error) {
      known = String((error as Error).message);
    }
    expect(known).toMatch(all);
    const told = table('Events').flatMap(([event]) => names(event));
    expect(told.filter((event) => !known.includes(String(event)))).toEqual([]);
    for (const event of told) consumer.on(event as never, () => {});
    expect(told).toHaveLength(new Set(told).size);
    expect(known.match(/[a-z][A-Za-z]+/g)).toEqual(expect.arrayContaining(told));
  });
});

describe.each(ADAPTERS)('what %s says of the first day', (path) => {
  const heading = 'The first day';

  it('is what all adapters say', () => {
    expect(sectionOf(read(path), heading)).toBe(sectionOf(read(ADAPTERS[0] as string), heading));
  });

  it('has defaults that hold, and events that there are', () => {
    const held = new Map(Object.entries(defaults()));
    const rows = table(heading, read(path));
    const options = rows.filter((row) => row.length === 3);
    expect(options.length).toBeGreaterThan(5);
    for (const [option = '', words = ''] of options) {
      const begin = String(held.get(option));
      expect([option, words.slice(0, begin.length)]).toEqual([option, begin]);
    }
    const known = table('Events').flatMap(([event]) => names(event));
    const events = rows.filter((row) => row.length === 2).flatMap(([event]) => names(event));
    expect(known).toEqual(expect.arrayContaining(events));
  });

  it('has the limits of a stop', () => {
    const text = sectionOf(read(path), heading);
    expect(text).toContain(`handlers may finish, for ${time(stopLimits({}, '').abortAfter)},`);
    expect(text).toContain(`Over after ${time(STOP_LIMIT)},`);
  });
});

describe('the README’s table of properties and variables', () => {
  const rows = table('Properties and variables');
  const of = (setting: string) => rows.find((row) => names(row[0]).concat(names(row[1])).includes(setting));

  it('has each that is read', () => {
    expect(rows.flatMap(([property]) => names(property))).toEqual([...PROPERTIES, ...HANDLING_PROPERTIES]);
    expect(rows.flatMap(([, variable]) => names(variable))).toEqual([...VARIABLES, ...HANDLING_VARIABLES]);
  });

  it('has the defaults that hold', () => {
    const { strategy, waitTimeout, partitions, replicationFactor } = resolveRetryOptions({ env: {} });
    const told = (setting: string) => of(setting)?.[2];
    expect(told('topic.wait.timeout')).toBe(`\`${count(waitTimeout)}\``);
    expect(told('topic.retry.strategy')).toBe(`\`${strategy.kind}\``);
    expect(told('topic.retry.interval')).toBe(`\`${formatDuration(strategy.delay(0))}\``);
    expect(told('topic.retry.multiplier')).toBe(`\`${strategy.delay(1) / strategy.delay(0)}\``);
    expect(told('topic.retry.max.delay')).toBe(`\`${formatDuration(strategy.delay(1_000))}\``);
    expect(told('VELOSTREAM_DEFAULT_PARTITIONS')).toBe(`\`${partitions}\``);
    expect(told('VELOSTREAM_DEFAULT_REPLICATION_FACTOR')).toBe(`\`${replicationFactor}\``);
  });

  it.each([
    ['topic.retry.attempts', '7'],
    ['topic.retry.tiers', '7s'],
    ['topic.handler.timeout', '7s'],
    ['topic.handler.concurrency', '7'],
  ])('says what %s touches of a consumer, and what holds without it', (property, value) => {
    const origins = (properties: Record<string, string>) =>
      createVeloOn(new MemoryCluster().open, { env: {}, properties })
        .consumer({ groupId: 'billing', topics: ['orders'], handler: () => {} })
        .explain()
        .split('\n')
        .map((line) => line.trim().split(/ {2,}/));
    const [option, ,] = origins({ [property]: value }).find(([, , from]) => from === property) ?? [];
    expect(of(property)?.[3]).toContain(`consumers: \`${option}\``);
    expect(of(property)?.[2]).toBe(`\`${origins({}).find(([name]) => name === option)?.[1]}\``);
  });

  /** Another value than the default's for each, beside which nothing else is set but the strategy that heeds it. */
  const set: readonly [setting: string, value: string, beside?: string][] = [
    ['topic.wait.timeout', '7s'],
    ['topic.retry.strategy', 'fixed'],
    ['topic.retry.interval', '7s'],
    ['topic.retry.multiplier', '3'],
    ['topic.retry.max.delay', '7s'],
    ['topic.retry.increment', '7s', 'linear'],
    ['VELOSTREAM_RETRY_STRATEGY', 'fixed'],
    ['VELOSTREAM_RETRY_INTERVAL_SECS', '7'],
    ['VELOSTREAM_RETRY_MULTIPLIER', '3'],
    ['VELOSTREAM_RETRY_MAX_DELAY_SECS', '7'],
    ['VELOSTREAM_DEFAULT_PARTITIONS', '7'],
    ['VELOSTREAM_DEFAULT_REPLICATION_FACTOR', '7'],
  ];

  const given = (setting: string, value: string, beside?: string) => {
    const properties = {
      ...(beside && { 'topic.retry.strategy': beside }),
      ...(setting.startsWith('topic.') && { [setting]: value }),
    };
    return { properties, env: setting.startsWith('VELO') ? { [setting]: value } : {} };
  };

  it.each(set)('says what %s touches', (setting, value, beside) => {
    const facts = (options: { properties?: Record<string, string>; env: Record<string, string> }) => {
      const { strategy, ...rest } = resolveRetryOptions(options);
      return { ...rest, waits: [0, 1, 2, 1_000].map((index) => strategy.delay(index)) };
    };
    const [plain, changed] = [facts(given('', '', beside)), facts(given(setting, value, beside))];
    const touched = Object.keys(plain).filter(
      (key) =>
        JSON.stringify(plain[key as keyof typeof plain]) !==
        JSON.stringify(changed[key as keyof typeof plain]),
    );
    const words = {
      waitTimeout: /^how long .* wait for a topic/,
      waits: /^waits between looks for a topic|^the same: (the|growth)/,
      partitions: /^topics that `ensureTopics\(\)` makes/,
      replicationFactor: /^the same$/,
    };
    expect(touched).toHaveLength(1);
    expect(of(setting)?.[3]).toMatch(words[touched[0] as keyof typeof words]);
  });

  it.each(set)('is right that %s touches no consumer’s retries', (setting, value, beside) => {
    const explained = (options: object) =>
      createVeloOn(new MemoryCluster().open, { env: {}, ...options })
        .consumer({ groupId: 'billing', topics: ['orders'], handler: () => {}, retry: { tiers: ['5s'] } })
        .explain();
    expect(explained(given(setting, value, beside))).toBe(explained({}));
  });
});
