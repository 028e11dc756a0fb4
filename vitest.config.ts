import { defineConfig } from 'vitest/config';
import { isNewer } from './scripts/newer-node/index.mjs';

/** Its client does not run on the oldest Node that the others do: there, `npm test` runs it by itself, on a newer one. */
const NEEDS_NEWER = 'packages/platformatic';

/**
 * Each package has its own configuration; this one only runs them together. Most tests wait for brokers and
 * timers, so two files at once keep a machine of two cores busy without starving either.
 */
export default defineConfig({
  test: {
    projects: [
      'packages/*',
      'apps/*',
      'deploy',
      'scripts',
      ...(isNewer(process.versions.node) ? [] : [`!${NEEDS_NEWER}`]),
    ],
    maxWorkers: 2,
  },
});
