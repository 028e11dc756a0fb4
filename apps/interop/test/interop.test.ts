import { javaAvailable } from '@velo/testkit';
import { describe, expect, it } from 'vitest';
import { DEFAULT_VERSIONS } from '../src/options.js';
import { lastLine, table } from '../src/report/table.js';
import { runInterop } from '../src/run-interop.js';

/** ms. It takes about a minute. */
const LIMIT = 300_000;

describe.skipIf(!javaAvailable())('velo beside programs that others wrote', () => {
  it(
    'goes on where Spring Kafka stops, leaves what Spring takes, and reads dead letters of Spring and Connect',
    async () => {
      const told: string[] = [];
      const checks = await runInterop({ ...DEFAULT_VERSIONS, tell: (line) => told.push(line) });
      console.log(table(checks));
      expect(checks.flatMap(({ faults }) => faults)).toEqual([]);
      expect(checks.length).toBe(12);
      expect(lastLine(checks)).toBe('12 checks, 0 failed');
    },
    LIMIT,
  );
});
