import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { measureWorkers } from '../src/workers/measure-workers.js';

/** Workers run the bundled program. */
const isBuilt = existsSync(new URL('../dist/workers/counting-worker.js', import.meta.url));

describe.skipIf(!isBuilt)('metrics across worker threads', () => {
  it('lose nothing over 10 million events while snapshots are taken', async () => {
    const result = await measureWorkers('shared', 4, 2_500_000);
    expect(result).toMatchObject({ events: 10_000_000, lost: 0 });
    expect(result.snapshots).toBeGreaterThan(0);
  }, 60_000);
});
