import { newerNode } from '../newer-node/index.mjs';
import { build } from './build.mjs';
import { ci } from './ci.mjs';
import { installIfStale } from './install.mjs';
import { lint } from './lint.mjs';
import { release } from './release.mjs';
import { run } from './run-command.mjs';
import { test } from './test.mjs';

/** Jobs that run an app; the rest of the tree is not built for them. */
const apps = { start: 'demo', chaos: 'chaos', bench: 'bench', interop: 'interop' };

const jobs = {
  build: () => build(),
  test: async (args) => (await build()) || test(args),
  lint: async () => (await build()) || lint(),
  ci: () => ci(),
  release: (args) => release(args),
};
for (const [job, app] of Object.entries(apps)) {
  const main = `apps/${app}/dist/main.js`;
  jobs[job] = async (args) =>
    (await build([`--filter=@velo/${app}...`])) || run(nodeFor(app, args), [main, ...args]);
}

/**
 * @platformatic/kafka needs a newer Node than the others, and says so where there is none. The demo has it in its own process;
 * the other apps start processes by themselves, and load addons, which are compiled for this Node.
 */
function nodeFor(app, args) {
  const needsNewer = app === 'demo' && args.join(' ').includes('platformatic');
  return (needsNewer && newerNode()) || process.execPath;
}

/** The rest runs without Confluent's client, unless it is named. */
const USE_CONFLUENT = ['test', 'lint', 'ci'];

/** Does one job; gives the exit code. */
export async function main(name, args) {
  const job = jobs[name];
  if (job === undefined) {
    console.error(`there is no job "${name}"; there are ${Object.keys(jobs).join(', ')}`);
    return 1;
  }
  const confluent = USE_CONFLUENT.includes(name) || args.join(' ').includes('confluent');
  return (await installIfStale({ confluent })) || job(args);
}
