import { defineConfig } from 'vitest/config';
import { BUSY } from '../../vitest.limits.js';

export default defineConfig({
  test: { include: ['test/**/*.test.ts'], ...BUSY },
});
