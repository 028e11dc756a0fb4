import type { Registry } from 'prom-client';

/** All samples of a text as Prometheus reads it, by name and labels in the order of their names. */
export function samplesOf(text: string): Map<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const { 1: name, 2: labels = '', 3: value } = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
      if (name === undefined) throw new Error(`no sample: ${line}`);
      const sorted = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([pair]) => pair).sort();
      return [sorted.length > 0 ? `${name}{${sorted.join(',')}}` : name, Number(value)];
    }),
  );
}

export async function scrape(register: Pick<Registry, 'metrics'>): Promise<Map<string, number>> {
  return samplesOf(await register.metrics());
}
