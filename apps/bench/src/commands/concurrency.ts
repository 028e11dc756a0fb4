import { measureKeyMemory } from '../lane/key-memory.js';
import { Progress } from '../progress.js';
import { concurrencyPlot, concurrencyTable } from '../report/concurrency.js';
import { htmlReport } from '../report/html.js';
import { keyMemoryTable } from '../report/key-memory.js';
import { markdown } from '../report/markdown.js';
import { terminalTable } from '../report/terminal.js';
import { writeReports } from '../report/write-reports.js';
import { type ConcurrencyOptions, runConcurrency } from '../throughput/run-concurrency.js';

/** `npm run bench -- concurrency`. Gives the exit code. */
export async function benchConcurrency(
  options: Omit<ConcurrencyOptions, 'progress'>,
  folder: string,
): Promise<number> {
  const progress = new Progress(process.stderr);
  const points = await runConcurrency({ ...options, progress });
  progress.show('memory by distinct keys');
  const memory = await measureKeyMemory();
  progress.end();
  const [table, memoryTable] = [concurrencyTable(points), keyMemoryTable(memory)];
  console.log(`${terminalTable(table)}\n\n${terminalTable(memoryTable)}`);
  const { client, real } = options;
  const files = await writeReports(folder, {
    [`velo-concurrency-${client}.json`]: `${JSON.stringify({ options, points, memory }, null, 2)}\n`,
    [`velo-concurrency-${client}.md`]: `${markdown([table, memoryTable])}\n`,
    [`velo-concurrency-${client}.html`]: htmlReport({
      title: 'velo: handlers that wait, side by side',
      subtitle: `${client} on ${real ? 'a real Apache Kafka' : 'the embedded broker'}, 12 partitions, each record with a key of its own.`,
      legend: [
        ['velo', 'velo'],
        ['obvious', 'ideal: nothing but the handlers takes time'],
      ],
      sections: [
        { title: 'Records a second', plots: [concurrencyPlot(points)], table },
        { title: memoryTable.title, table: memoryTable },
      ],
      footer: 'A handler waits for a timer, as it would for a service.',
    }),
  });
  console.log(`\n${files.join(', ')}`);
  return 0;
}
