import { readProperty } from '@velo/engine';

/** The longest chain that is followed; kafkajs nests three deep. */
const MAX_DEPTH = 10;

/** An error and its causes, the outermost first, whatever they are. Never throws. */
export function* causes(error: unknown): Generator<unknown> {
  let at = error;
  for (let depth = 0; at !== undefined && at !== null && depth < MAX_DEPTH; depth++) {
    yield at;
    at = readProperty(at, 'cause');
  }
}
