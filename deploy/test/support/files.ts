import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse as parseYaml } from 'yaml';
import { ROWS } from '../../grafana/rows.js';

export const DEPLOY = join(import.meta.dirname, '../..');

export interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export const RULES: readonly Rule[] = parseYaml(
  readFileSync(join(DEPLOY, 'prometheus/alerts.yaml'), 'utf8'),
).groups.flatMap(({ rules }: { rules: Rule[] }) => rules);

/** All queries, of alert rules and of the dashboard, with a name for each. */
export const QUERIES: readonly { readonly name: string; readonly expr: string }[] = [
  ...RULES.map(({ alert, expr }) => ({ name: alert, expr })),
  ...ROWS.flatMap(({ panels }) =>
    panels.flatMap(({ title, queries }) =>
      queries.map(({ expr, legend }) => ({ name: `${title}: ${legend}`, expr })),
    ),
  ),
];
