import { formatDuration, show } from '@velo/retry-core';
import { DEFAULTS } from './defaults.js';
import { isPlain, layered, type OptionOrigin } from './layers.js';

/** What operators tune: told where it holds by default, too. */
const TUNED: readonly OptionOrigin[] = [
  { option: 'retry.inPlace.maxAttempts', value: DEFAULTS.maxAttempts, from: 'default' },
  { option: 'retry.tiers', value: DEFAULTS.tiers, from: 'default' },
  { option: 'handlerTimeout', value: undefined, from: 'default' },
  { option: 'concurrency.perPartition', value: DEFAULTS.perPartition, from: 'default' },
];
const DURATIONS = /(handlerTimeout|waitForTopics|commitInterval|stallAfter|retry\.tiers)$/;

/** For people: each option that was given, its value, and where it comes from. */
export function explainOrigins(origins: readonly OptionOrigin[]): string[] {
  const given = origins.flatMap((origin) => (origin.option === 'topics' ? ofTopics(origin) : [origin]));
  const byDefault = TUNED.filter(
    ({ option }) => !given.some((each) => each.option === option || option === `${each.option}.perPartition`),
  );
  const rows = [...given, ...byDefault]
    .filter(({ option, value }) => option !== 'groupId' && typeof value !== 'function')
    .map(({ option, value, from }) => [option, valueText(option, value), from] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const width = (column: 0 | 1) => Math.max(...rows.map((row) => row[column].length));
  const [options, values] = [width(0), width(1)];
  return rows.map(([option, value, from]) => `  ${option.padEnd(options)}  ${value.padEnd(values)}  ${from}`);
}

/** Of the policies of single topics. */
function ofTopics({ value, from }: OptionOrigin): OptionOrigin[] {
  if (!isPlain(value)) return [];
  const { origins } = layered([{ from, options: { policies: value } }]);
  return origins.map((origin) => ({ ...origin, option: origin.option.replace('policies', 'topics') }));
}

function valueText(option: string, value: unknown): string {
  if (value === undefined) return 'none';
  if (DURATIONS.test(option)) {
    const texts = (Array.isArray(value) ? value : [value]).map((each) =>
      typeof each === 'number' ? formatDuration(each) : String(each),
    );
    return texts.join(', ') || 'none';
  }
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? 'an object' : show(value);
}
