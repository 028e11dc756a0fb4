import { defineConfig } from 'tsup';

export default defineConfig({
  entry: ['src/index.ts'],
  format: ['esm', 'cjs'],
  target: 'node20',
  // Private: it is part of this package, its types too.
  noExternal: ['@velo/librdkafka'],
  dts: { resolve: ['@velo/librdkafka'], compilerOptions: { ignoreDeprecations: '6.0' } },
  sourcemap: true,
  clean: true,
  treeshake: true,
});
