import { build } from './build.mjs';
import { installIfStale } from './install.mjs';
import { lint } from './lint.mjs';
import { run } from './run-command.mjs';
import { test } from './test.mjs';

const jobs = {
  build: async () => 0,
  start: (args) => run(process.execPath, ['apps/demo/dist/main.js', ...args]),
  test,
  lint,
};

/** The demo needs only itself and what it imports. */
const BUILD_FILTERS = { start: ['--filter=@velo/demo...'] };

/** Does one job; gives the exit code. */
export async function main(name, args) {
  const job = jobs[name];
  if (job === undefined) {
    console.error(`there is no job "${name}"; there are ${Object.keys(jobs).join(', ')}`);
    return 1;
  }
  return (await installIfStale()) || (await build(BUILD_FILTERS[name])) || (await job(args));
}
