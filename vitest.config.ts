import { defineConfig } from 'vitest/config';

/**
 * Each package has its own configuration; this one only runs them together. Most tests wait for brokers and
 * timers, so two files at once keep a machine of two cores busy without starving either.
 */
export default defineConfig({
  test: { projects: ['packages/*', 'apps/*', 'deploy', 'scripts'], maxWorkers: 2 },
});
