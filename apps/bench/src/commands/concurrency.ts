import { Progress } from '../progress.js';
import { concurrencyPlot, concurrencyTable } from '../report/concurrency.js';
import { htmlReport } from '../report/html.js';
import { markdown } from '../report/markdown.js';
import { terminalTable } from '../report/terminal.js';
import { writeReports } from '../report/write-reports.js';
import { type ConcurrencyOptions, runConcurrency } from '../throughput/run-concurrency.js';

/** `npm run bench -- concurrency`. Gives the exit code. */
export async function benchConcurrency(
  options: Omit<ConcurrencyOptions, 'progress'>,
  folder: string,
): Promise<number> {
  const points = await runConcurrency({ ...options, progress: new Progress(process.stderr) });
  const table = concurrencyTable(points);
  console.log(terminalTable(table));
  const { client, real } = options;
  const files = await writeReports(folder, {
    [`velo-concurrency-${client}.json`]: `${JSON.stringify({ options, points }, null, 2)}\n`,
    [`velo-concurrency-${client}.md`]: `${markdown([table])}\n`,
    [`velo-concurrency-${client}.html`]: htmlReport({
      title: 'velo: handlers that wait, side by side',
      subtitle: `${client} on ${real ? 'a real Apache Kafka' : 'the embedded broker'}, 12 partitions, each record with a key of its own.`,
      legend: [
        ['velo', 'velo'],
        ['obvious', 'ideal: nothing but the handlers takes time'],
      ],
      sections: [{ title: 'Records a second', plots: [concurrencyPlot(points)], table }],
      footer: 'A handler waits for a timer, as it would for a service.',
    }),
  });
  console.log(`\n${files.join(', ')}`);
  return 0;
}
