/** The longest chain of causes that is followed; kafkajs nests three deep. */
const MAX_DEPTH = 10;

/** The number that a broker answered with, from the innermost cause; `undefined` if no broker answered. */
export function brokerCode(error: unknown): number | undefined {
  let code: number | undefined;
  for (let at = error, depth = 0; at instanceof Error && depth < MAX_DEPTH; at = at.cause, depth++) {
    if ('code' in at && typeof at.code === 'number') code = at.code;
  }
  return code;
}
