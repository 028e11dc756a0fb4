import { defineConfig } from 'tsup';

export default defineConfig({
  entry: {
    index: 'src/index.ts',
    'binding/index': 'src/binding/index.ts',
    'contract/index': 'src/contract/index.ts',
    'contract/child': 'src/contract/child/main.ts',
    random: 'src/support/random.ts',
  },
  format: ['esm'],
  target: 'node20',
  dts: { compilerOptions: { ignoreDeprecations: '6.0' } },
  sourcemap: true,
  clean: true,
});
