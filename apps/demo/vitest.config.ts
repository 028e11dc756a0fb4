import { defineConfig } from 'vitest/config';
import { REAL_TIME } from '../../vitest.limits.js';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // A program that only says what is wrong takes 0.3 s, and many times that beside the chaos.
    ...REAL_TIME,
  },
});
