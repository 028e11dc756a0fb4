import { readFile, writeFile } from 'node:fs/promises';
import { startEmbeddedBroker } from '@velo/testkit';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startStage } from './stage.js';
import { scratch, velo } from './support.js';

describe('velo dlt export and import', () => {
  let kafka: Awaited<ReturnType<typeof startEmbeddedBroker>>;
  const stage = () => startStage(kafka.brokers);
  const env = () => ({ VELO_BROKERS: kafka.brokers.join() });

  beforeAll(async () => {
    kafka = await startEmbeddedBroker();
  });
  afterAll(() => kafka?.stop());

  it('exports and imports byte for byte', async () => {
    await using billing = await stage();
    await billing.fail(['bad 1']);
    await using folder = await scratch();
    const bytes = fc.uint8Array({ maxLength: 30 }).map((array) => Buffer.from(array).toString('base64'));
    const records = fc.record({
      version: fc.constant(1),
      topic: fc.constant(billing.deadLetters),
      partition: fc.nat(1),
      offset: fc.constant('0'),
      timestamp: fc.integer({ min: Date.now() - 1_000_000, max: Date.now() }),
      key: fc.option(bytes),
      value: fc.option(bytes),
      headers: fc.array(
        fc.tuple(
          fc.constantFrom('a', 'b', 'c', 'é', 'velo-attempt', 'velo-original-topic'),
          fc.option(bytes),
        ),
        { maxLength: 6 },
      ),
    });
    const given = fc.sample(records, 200);
    const file = folder.file('given.ndjson');
    await writeFile(file, given.map((each) => JSON.stringify(each)).join('\n'));
    const first = await billing.dlt('export', '--status', 'all');
    expect(await velo(['dlt', 'import', file, '--yes', '--json'], env())).toMatchObject({
      code: 0,
      out: '{"imported":200}\n',
    });
    const { out } = await billing.dlt('export', '--status', 'all');
    const read = (text: string) =>
      text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));
    const known = new Set(read(first.out).map(({ partition, offset }) => `${partition}:${offset}`));
    const fresh = read(out).filter(({ partition, offset }) => !known.has(`${partition}:${offset}`));
    for (const partition of [0, 1]) {
      const of = (all: { partition: number }[]) =>
        all.filter((each) => each.partition === partition).map((each) => ({ ...each, offset: '0' }));
      expect(of(fresh)).toEqual(of(given));
    }
  });

  it('imports a file only if all of it can be read', async () => {
    await using billing = await stage();
    await billing.fail(['bad 1', 'bad 2']);
    await using folder = await scratch();
    const { out } = await billing.dlt('export');
    const file = folder.file('broken.ndjson');
    await writeFile(file, `${out}{"version":1}\n`);
    expect(await velo(['dlt', 'import', file, '--yes'], env())).toMatchObject({
      code: 2,
      err: expect.stringContaining('Line 3'),
    });
    expect(await billing.open()).toBe(2);
    const input = await velo(['dlt', 'import', '--yes'], env(), await readFile(file));
    expect(input).toMatchObject({ code: 2, err: expect.stringContaining('Nothing was written') });
    const elsewhere = await velo(['dlt', 'import', '--yes', '--to', 'no-such-topic'], env(), out);
    expect(elsewhere).toMatchObject({ code: 1, err: expect.stringContaining('no-such-topic') });
    expect(await billing.open()).toBe(2);
  });
});
