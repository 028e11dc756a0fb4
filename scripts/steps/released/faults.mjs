/** What a check has found: all of it, and not only the first. */
export const faults = [];

/** Gives what a command has printed. */
export function must({ code, output }, what) {
  if (code !== 0) throw new Error(`${what}:\n${output.trimEnd()}`);
  return output;
}

export function expect(what, found, wanted) {
  if (JSON.stringify(found) !== JSON.stringify(wanted))
    faults.push(`${what}: ${JSON.stringify(found)}, and not ${JSON.stringify(wanted)}`);
}
