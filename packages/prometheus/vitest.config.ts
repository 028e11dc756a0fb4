import { defineConfig } from 'vitest/config';
import { REAL_TIME } from '../../vitest.limits.js';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts', 'src/**/*.test.ts'],
    ...REAL_TIME,
    typecheck: { enabled: true, include: ['test/**/*.test-d.ts'] },
  },
});
