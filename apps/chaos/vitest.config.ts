import { configDefaults, defineConfig } from 'vitest/config';

/** Three brokers and their kills take 100 s: `VELO_CHAOS=1 npm test` runs them too, `npm run chaos` alone. */
const chaos = process.env.VELO_CHAOS ? [] : ['test/chaos.test.ts'];

export default defineConfig({
  test: { include: ['test/**/*.test.ts'], exclude: [...configDefaults.exclude, ...chaos] },
});
