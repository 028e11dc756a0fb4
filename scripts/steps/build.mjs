import { turbo } from './run-command.mjs';

/** Builds what has changed; gives the exit code. */
export function build(filters = []) {
  return turbo('build', '--output-logs=errors-only', '--no-update-notifier', ...filters);
}
