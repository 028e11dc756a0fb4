import { fileURLToPath } from 'node:url';

/** The films that come with the demo. */
export const DEFAULT_INPUT = fileURLToPath(new URL('../data/films.ndjson', import.meta.url));
