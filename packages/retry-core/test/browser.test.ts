import { fileURLToPath } from 'node:url';
import { createContext, runInContext } from 'node:vm';
import { build } from 'vite';
import { beforeAll, describe, expect, it } from 'vitest';

/** Of those that every browser has, what the core uses; `process`, `Buffer` and `require` are not there. */
const GLOBALS = {
  setTimeout,
  clearTimeout,
  performance,
  AbortController,
  AbortSignal,
  DOMException,
  console,
};

/** The whole core, bundled as for a page, and run where nothing of Node's is. */
describe('in a browser', () => {
  let run: (script: string) => unknown;

  beforeAll(async () => {
    const entry = fileURLToPath(new URL('../src/index.ts', import.meta.url));
    const built = await build({
      configFile: false,
      logLevel: 'silent',
      build: { write: false, lib: { entry, formats: ['iife'], name: 'velo' } },
    });
    const [output] = [built].flat() as unknown as { output: [{ code: string }] }[];
    const context = createContext({ ...GLOBALS });
    runInContext(output?.output[0].code ?? '', context);
    run = (script) => runInContext(script, context);
  });

  it('all of its names are there', async () => {
    const names = Object.keys(await import('../src/index.js')).sort();
    expect(JSON.parse(run('JSON.stringify(Object.keys(velo).sort())') as string)).toEqual(names);
  });

  it('it retries, reads durations and explains errors', async () => {
    const retried = run(`(async () => {
      let calls = 0;
      const strategy = velo.fixed(1);
      const value = await velo.retry(async () => { if (++calls < 3) throw new Error('busy'); return 'done'; }, { strategy, maxAttempts: 3 });
      return JSON.stringify([value, calls]);
    })()`);
    expect(JSON.parse((await retried) as string)).toEqual(['done', 3]);
    expect(run("velo.parseDuration('90s')")).toBe(90_000);
    const explained = run(
      "velo.explainKafkaError({ name: 'KafkaJSProtocolError', code: 3 }, { topic: 'orders' })",
    );
    expect(explained).toContain('UNKNOWN_TOPIC_OR_PARTITION');
  });

  it('lets other work have its turn without setImmediate', async () => {
    expect(run('typeof setImmediate + typeof process + typeof Buffer')).toBe('undefinedundefinedundefined');
    await run('velo.nextTurn()');
  });
});
