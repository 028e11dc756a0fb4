import { Progress } from '../progress.js';
import { markdown } from '../report/markdown.js';
import { terminalTable } from '../report/terminal.js';
import { throughputTable } from '../report/throughput-table.js';
import { writeReports } from '../report/write-reports.js';
import { runThroughput, type ThroughputOptions } from '../throughput/run-throughput.js';

/** `npm run bench -- throughput`. Gives the exit code. */
export async function benchThroughput(
  options: Omit<ThroughputOptions, 'progress'>,
  folder: string,
): Promise<number> {
  const rows = await runThroughput({ ...options, progress: new Progress(process.stderr) });
  const table = throughputTable(rows, options.client);
  console.log(terminalTable(table));
  const files = await writeReports(folder, {
    [`velo-throughput-${options.client}.json`]: `${JSON.stringify({ options, rows }, null, 2)}\n`,
    [`velo-throughput-${options.client}.md`]: `${markdown([table])}\n`,
  });
  console.log(`\n${files.join(', ')}`);
  return 0;
}
