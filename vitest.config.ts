import { defineConfig } from 'vitest/config';

/** Each package has its own configuration; this one only runs them together. */
export default defineConfig({ test: { projects: ['packages/*', 'apps/*'] } });
