import { defineConfig } from 'vitest/config';
import { BUSY } from '../../vitest.limits.js';

export default defineConfig({
  test: {
    // Time is virtual here; a law with thousands of cases is slow where the machine is busy.
    ...BUSY,
    include: ['test/**/*.test.ts', 'src/**/*.test.ts'],
    typecheck: { enabled: true, include: ['test/**/*.test-d.ts'] },
  },
});
