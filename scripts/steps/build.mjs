import { turbo } from './run-command.mjs';

/** A build that finds nothing to do is silent. In ms. */
const PATIENCE = 2_000;

/** Builds what has changed; gives the exit code. */
export async function build(filters = []) {
  const notice = setTimeout(() => console.error('building'), PATIENCE);
  const { code, output } = await turbo('build', '--output-logs=errors-only', ...filters);
  clearTimeout(notice);
  if (code !== 0) console.error(output);
  return code;
}
