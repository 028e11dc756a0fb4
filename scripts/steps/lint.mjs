import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { publicPackages } from './public-packages.mjs';
import { capture, tool, turbo } from './run-command.mjs';

const SOURCES = ['packages/*/src', 'packages/*/test', 'apps/*/src', 'apps/*/test'];

/** All checks; the slowest first, so that the others fill the gaps. */
function checks() {
  const node =
    (script, ...args) =>
    () =>
      capture(process.execPath, [join('scripts', script), ...args]);
  const bin =
    (name, ...args) =>
    () =>
      capture(tool(name), args);
  return [
    { name: 'released, installed and used', run: node('check-released.mjs') },
    { name: 'types', run: () => turbo('typecheck', '--output-logs=errors-only') },
    ...publicPackages().map((folder) => ({
      name: `as published: ${folder}`,
      run: node('check-packed.mjs', folder),
    })),
    { name: 'public surface', run: node('check-api.mjs') },
    { name: 'code blocks of READMEs', run: node('check-readmes.mjs') },
    { name: 'known vulnerabilities', run: node('audit-published.mjs') },
    { name: 'layers', run: bin('depcruise', ...SOURCES, '--config', '.dependency-cruiser.cjs') },
    { name: 'dead code', run: bin('knip') },
    { name: 'size', run: bin('size-limit') },
    { name: 'format and lint', run: bin('biome', 'check', '--error-on-warnings') },
    { name: 'versions across packages', run: bin('sherif') },
    { name: 'error table', run: node('generate-error-codes.mjs', '--check') },
    { name: 'reasons of long files', run: node('check-file-lengths.mjs') },
    { name: 'no foreign texts in messages', run: node('check-foreign-texts.mjs') },
    { name: 'no host names or machine paths', run: node('check-text.mjs') },
  ];
}

function report(name, { code, output }, ms) {
  console.log(`${code === 0 ? 'ok  ' : 'FAIL'} ${name} (${(ms / 1000).toFixed(1)} s)`);
  const shown = code === 0 ? (output.match(/^note: .*$/gm) ?? []).join('\n') : output.trimEnd();
  if (shown !== '') console.log(shown.replace(/^/gm, '     '));
}

/** Runs all checks, as many at once as there are cores; gives the exit code. */
export async function lint() {
  const queue = checks();
  const total = queue.length;
  let failed = 0;
  const worker = async () => {
    for (let check = queue.shift(); check !== undefined; check = queue.shift()) {
      const started = performance.now();
      const result = await check.run();
      if (result.code !== 0) failed++;
      report(check.name, result, performance.now() - started);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  console.log(failed === 0 ? `\nall ${total} checks passed` : `\n${failed} of ${total} checks failed`);
  return failed === 0 ? 0 : 1;
}
