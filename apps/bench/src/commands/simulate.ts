import { Progress } from '../progress.js';
import { consumersPlots, consumersTables } from '../report/consumers-tables.js';
import { htmlReport } from '../report/html.js';
import { markdown } from '../report/markdown.js';
import { simulationPlots } from '../report/simulation-plot.js';
import { simulationTables, standingsTable } from '../report/simulation-tables.js';
import { terminalTable } from '../report/terminal.js';
import { writeReports } from '../report/write-reports.js';
import { contenders } from '../simulation/contenders.js';
import { runConsumers, troubles } from '../simulation/run-consumers.js';
import { runSimulation, type SimulationOptions } from '../simulation/run-simulation.js';
import { scenarios } from '../simulation/scenarios.js';

/** `npm run bench -- simulate`. Gives the exit code. */
export async function simulateFleets(options: SimulationOptions, folder: string): Promise<number> {
  const progress = new Progress(process.stderr);
  const total = scenarios.length * contenders.length;
  let done = 0;
  const rows = runSimulation(options, ({ scenario, strategy, jitter }) => {
    done++;
    if (process.stderr.isTTY || done % contenders.length === 0)
      progress.show(`${done} of ${total}: ${scenario}, ${strategy}, ${jitter}`);
  });
  progress.end();
  const consumers = await runConsumers(options.seed, ({ trouble, policy }) =>
    progress.show(`consumers: ${trouble}, ${policy}`),
  );
  progress.end();
  const ofConsumers = consumersTables(consumers);
  const tables = [standingsTable(rows), ...simulationTables(rows)];
  for (const table of [...tables, ...ofConsumers]) console.log(`${terminalTable(table)}\n`);
  const { seed, processes, clientsEach, runs } = options;
  const subtitle = `${(processes * clientsEach).toLocaleString('en-US')} clients in ${processes} processes, seed ${seed}, ${runs} run(s) of each scenario; virtual time.`;
  const files = await writeReports(folder, {
    'velo-simulation.json': `${JSON.stringify({ options, rows, consumers }, null, 2)}\n`,
    'velo-simulation.md': `${subtitle}\n\n${markdown([...tables, ...ofConsumers])}\n`,
    'velo-simulation.html': htmlReport({
      title: 'velo: a fleet through outages',
      subtitle,
      legend: [
        ['obvious', 'without a budget'],
        ['velo', 'predictive, without a budget'],
        ['rust', 'with a budget'],
      ],
      sections: [
        { title: 'Standings', table: standingsTable(rows) },
        ...scenarios.map(({ id, title }, index) => {
          const table = tables[index + 1];
          const own = rows.filter(({ scenario }) => scenario === id);
          return { title, plots: simulationPlots(own), ...(table === undefined ? undefined : { table }) };
        }),
        ...troubles.map(({ id, title }, index) => {
          const table = ofConsumers[index];
          const own = consumers.filter(({ trouble }) => trouble === id);
          return {
            title: `Consumers: ${title}`,
            plots: consumersPlots(own),
            ...(table === undefined ? undefined : { table }),
          };
        }),
      ],
      footer:
        'All clients lose their connection at once. A broker that is overrun turns calls away, which costs it a quarter of serving them. The first five outages of each series are not judged. Consumers are velo’s own, on a Kafka in memory: each has topics of its own, and all call one service.',
    }),
  });
  console.log(`${subtitle}\n${files.join(', ')}`);
  return 0;
}
