import { parser } from '@prometheus-io/lezer-promql';

/** A metric that a query asks for, with the labels that it names beside it. */
export interface Selector {
  readonly metric: string;
  readonly labels: readonly string[];
}

export interface Query {
  readonly selectors: readonly Selector[];
  /** Of `by` and `on`. */
  readonly grouping: readonly string[];
}

/** Grafana's own variables, as a duration. */
const GRAFANA_DURATIONS = /\$__(rate_interval|range|interval)/g;

/** A query without Grafana's variables: durations are 5 minutes, choices are all. */
export function withoutVariables(query: string): string {
  return query.replaceAll(GRAFANA_DURATIONS, '5m').replaceAll(/"\$(group|topic)"/g, '".*"');
}

/** @throws {Error} for what Prometheus would not understand */
export function parse(query: string): Query {
  const text = withoutVariables(query);
  const selectors: { metric: string; labels: string[] }[] = [];
  const grouping: string[] = [];
  const at = (from: number, to: number) => text.slice(from, to);
  parser.parse(text).iterate({
    enter({ type, from, to, node }) {
      if (type.isError) throw new Error(`no PromQL at "${at(from, to + 20)}": ${text}`);
      if (type.name === 'VectorSelector') {
        const name = node.getChild('Identifier');
        const labels = [...text.slice(from, to).matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(
          ([, label]) => label as string,
        );
        selectors.push({ metric: name === null ? '' : at(name.from, name.to), labels });
      }
      if (type.name === 'GroupingLabels')
        grouping.push(...node.getChildren('LabelName').map((label) => at(label.from, label.to)));
    },
  });
  return { selectors, grouping };
}
