import { writeSync } from 'node:fs';
import type { ChildEvent } from './protocol.js';

/** Written at once: what was told before a SIGKILL must arrive. */
export function tell(event: ChildEvent): void {
  writeSync(1, `${JSON.stringify(event)}\n`);
}
