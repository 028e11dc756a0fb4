import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  type Dashboard,
  DashboardBuilder,
  DatasourceVariableBuilder,
  type Panel,
  QueryVariableBuilder,
  RowBuilder,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  VariableRefresh,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TimeseriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import { type PanelSpec, ROWS } from './rows.js';

const DATASOURCE = { type: 'prometheus', uid: `\${datasource}` };
const PANEL_HEIGHT = { stat: 4, timeseries: 8 } as const;
const GREEN = 'green';
const RED = 'red';

/** The dashboard that is checked in as `velo.json`. */
export function dashboard(): Dashboard {
  const builder = new DashboardBuilder('velo')
    .uid('velo')
    .description('Consumers of velo: what they handle, what fails and where it goes, what holds them up.')
    .tags(['velo', 'kafka'])
    .time({ from: 'now-3h', to: 'now' })
    .refresh('30s')
    .withVariable(new DatasourceVariableBuilder('datasource').label('Data source').type('prometheus'))
    .withVariable(choice('group', 'Group', 'label_values(velo_consumers, group)'))
    .withVariable(
      choice('topic', 'Source', 'label_values(velo_assigned_partitions{group=~"$group"}, topic)'),
    );
  for (const { title, panels } of ROWS) {
    builder.withRow(new RowBuilder(title));
    for (const spec of panels) builder.withPanel(panel(spec));
  }
  return builder.build();
}

/** One, several or all values of a label. */
function choice(name: string, label: string, query: string): QueryVariableBuilder {
  return new QueryVariableBuilder(name)
    .label(label)
    .datasource(DATASOURCE)
    .query(query)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .multi(true)
    .includeAll(true)
    .allValue('.*')
    .current({ selected: true, text: 'All', value: '$__all' });
}

function panel(spec: PanelSpec): Builder<Panel> {
  const { title, description, kind, unit, span, queries } = spec;
  const builder = kind === 'stat' ? new StatBuilder() : new TimeseriesBuilder().fillOpacity(5);
  builder
    .title(title)
    .description(description)
    .unit(unit)
    .min(0)
    .span(span)
    .height(PANEL_HEIGHT[kind])
    .datasource(DATASOURCE);
  const limits = thresholds(spec);
  if (limits !== undefined) builder.thresholds(limits);
  for (const [i, { expr, legend }] of queries.entries())
    builder.withTarget(
      new DataqueryBuilder()
        .expr(expr)
        .legendFormat(legend)
        .refId(String.fromCharCode(65 + i))
        .range(),
    );
  return builder;
}

function thresholds({ redFrom, redBelow }: PanelSpec): ThresholdsConfigBuilder | undefined {
  if (redFrom === undefined && redBelow === undefined) return undefined;
  const [below, above] = redFrom === undefined ? [RED, GREEN] : [GREEN, RED];
  return new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps([
    { color: below, value: null },
    { color: above, value: redFrom ?? redBelow ?? 0 },
  ]);
}
