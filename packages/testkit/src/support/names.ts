let count = 0;

/**
 * A name that no other test has, in any process. Without hyphens, and never like a hash: then velo's names of its
 * own topics are plain (`<topic>-<group>-dlt`).
 */
export function uniqueName(kind: string): string {
  count++;
  return `${kind}_${process.pid.toString(36)}_${Date.now().toString(36)}_${count}`;
}
