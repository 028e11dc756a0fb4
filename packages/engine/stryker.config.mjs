/** Mutation tests of the engine: see CONTRIBUTING.md. One file: `npm run mutation -- --mutate src/lanes/lane.ts`. */
export default {
  packageManager: 'pnpm',
  plugins: ['@stryker-mutator/vitest-runner', './stryker-texts.mjs'],
  ignorers: ['texts-for-people'],
  testRunner: 'vitest',
  vitest: { configFile: 'vitest.mutation.config.ts' },
  coverageAnalysis: 'perTest',
  mutate: [
    'src/**/*.ts',
    '!src/index.ts',
    // Words, mostly
    '!src/consumer/explain-*.ts',
    '!src/observing/health.ts',
  ],
  ignorePatterns: ['dist', 'coverage'],
  concurrency: 1,
  // Time is virtual in these tests: what has not ended by then never will
  timeoutMS: 2_000,
  // What neither a file nor its tests have changed is taken from the last run
  incremental: true,
  incrementalFile: 'reports/mutation/incremental.json',
  reporters: ['progress', 'clear-text', 'html', 'json'],
  htmlReporter: { fileName: 'reports/mutation/index.html' },
  jsonReporter: { fileName: 'reports/mutation/mutation.json' },
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
};
