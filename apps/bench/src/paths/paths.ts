import type { Path } from '../micro/path.js';
import { codePaths } from './code.js';
import { delayPaths } from './delay.js';
import { lanePaths } from './lane.js';
import { messagePaths } from './message.js';
import { metricsPaths } from './metrics.js';
import { observedLanePaths } from './observed-lane.js';
import { parsePaths } from './parse.js';
import { retrierPaths } from './retrier.js';

export const paths: readonly Path[] = [
  ...parsePaths,
  ...delayPaths,
  ...metricsPaths,
  ...codePaths,
  ...messagePaths,
  ...retrierPaths,
  ...lanePaths,
  ...observedLanePaths,
];

/** @throws {Error} if there is none of that name */
export function findPath(id: string): Path {
  const path = paths.find((candidate) => candidate.id === id);
  if (path === undefined)
    throw new Error(`there is no path "${id}"; there are ${paths.map((each) => each.id).join(', ')}`);
  return path;
}
