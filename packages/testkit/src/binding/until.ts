import { until as untilFound } from '../support/until.js';

/** Resolves as soon as `condition` holds; if it never does, the error shows its source. */
export async function until(condition: () => boolean, limit = 10_000): Promise<void> {
  await untilFound(String(condition), condition, { limit });
}
