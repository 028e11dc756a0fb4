// The public surface of each published package, as a report that is committed (packages/*/api/*.api.md): a change of the
// surface is a change of the report. Fails where they differ, and where an adapter mentions a type that it does not export.
// After a build: node scripts/check-api.mjs --update
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { Extractor, ExtractorConfig } from '@microsoft/api-extractor';
import { publicPackages } from './steps/public-packages.mjs';
import { ROOT } from './steps/run-command.mjs';

const ENGINE_SURFACE = '@velo/engine/public';
const HANDED_ON = ['@velo/engine', '@velo/retry-core'];

/** What a package lets others import: one report for each. A command has none. */
const ENTRIES = publicPackages().flatMap((folder) => {
  const { exports } = JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8'));
  return Object.values(exports)
    .filter((target) => typeof target === 'object')
    .map((target) => entryOf(folder, target.import.types));
});

/** Adapters show what they hand on of the engine and the core in full: their users see one package. */
function entryOf(folder, types) {
  const path = join(ROOT, folder, types);
  const handsOn = readFileSync(path, 'utf8').includes(`export * from '${ENGINE_SURFACE}'`);
  return { folder, path, name: basename(types, '.d.ts'), bundled: handsOn ? HANDED_ON : [] };
}

const update = process.argv.includes('--update');
const scratch = mkdtempSync(join(tmpdir(), 'velo-api-'));

function configOf({ folder, path, name, bundled }) {
  const projectFolder = join(ROOT, folder);
  const packageJsonFullPath = join(projectFolder, 'package.json');
  return ExtractorConfig.prepare({
    configObjectFullPath: undefined,
    packageJsonFullPath,
    configObject: {
      projectFolder,
      mainEntryPointFilePath: path,
      bundledPackages: bundled,
      newlineKind: 'lf',
      compiler: {
        overrideTsconfig: {
          extends: join(ROOT, 'tsconfig.base.json'),
          compilerOptions: { skipLibCheck: true, types: ['node'] },
          files: [path],
        },
      },
      apiReport: {
        enabled: true,
        reportFileName: name,
        reportFolder: join(projectFolder, 'api'),
        reportTempFolder: scratch,
        includeForgottenExports: false,
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: {
        compilerMessageReporting: { default: { logLevel: 'error' } },
        extractorMessageReporting: {
          default: { logLevel: 'none' },
          'ae-forgotten-export': { logLevel: 'error' },
        },
        tsdocMessageReporting: { default: { logLevel: 'none' } },
      },
    },
  });
}

function check(entry) {
  const faults = [];
  const { apiReportChanged } = Extractor.invoke(configOf(entry), {
    localBuild: update,
    messageCallback(message) {
      message.handled = true;
      if (message.logLevel === 'error') faults.push(message.formatMessageWithoutLocation());
    },
  });
  if (apiReportChanged && !update)
    faults.push(
      'the report is stale: npm run build, then node scripts/check-api.mjs --update; read what has changed',
    );
  for (const fault of faults) console.error(`${entry.folder}, ${entry.name}: ${fault}`);
  return faults.length === 0;
}

try {
  if (!ENTRIES.map(check).every(Boolean)) process.exitCode = 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
