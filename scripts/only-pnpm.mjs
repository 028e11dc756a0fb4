// What `prepack` of each public package runs: npm would leave `workspace:` ranges in the package, which nobody can install,
// and the license out. pnpm replaces the ranges and adds the license of the root.
import { env } from 'node:process';

if (!env.npm_config_user_agent?.startsWith('pnpm/')) {
  console.error(
    'This package is packed and published with pnpm (see CONTRIBUTING.md): npm would leave `workspace:` ranges in it, which nobody can install. Nothing was packed.',
  );
  process.exitCode = 1;
}
