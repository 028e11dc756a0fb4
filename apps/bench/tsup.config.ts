import { defineConfig } from 'tsup';

export default defineConfig({
  entry: [
    'src/main.ts',
    'src/micro/child.ts',
    'src/workers/counting-worker.ts',
    'src/throughput/consumer-process.ts',
    'src/lane/key-memory-process.ts',
  ],
  format: ['esm'],
  target: 'node20',
  sourcemap: true,
  clean: true,
  treeshake: true,
});
