import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.mjs'],
    // npm and pnpm are started a few times in each.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
