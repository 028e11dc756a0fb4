// The public surface of each published package, as a report that is committed (packages/*/api/*.api.md): a change of the
// surface is a change of the report. Fails where they differ, and where an adapter mentions a type that it does not export.
// After a build: node scripts/check-api.mjs --update
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Extractor, ExtractorConfig } from '@microsoft/api-extractor';
import { ROOT } from './steps/run-command.mjs';

/** Adapters show what they hand on of the engine and the core in full: their users see one package. */
const ENTRIES = [
  { folder: 'packages/retry-core', entry: 'index', bundled: [] },
  { folder: 'packages/engine', entry: 'index', bundled: [] },
  { folder: 'packages/kafkajs', entry: 'index', bundled: ['@velo/engine', '@velo/retry-core'] },
  { folder: 'packages/rdkafka', entry: 'index', bundled: ['@velo/engine', '@velo/retry-core'] },
  { folder: 'packages/confluent', entry: 'index', bundled: ['@velo/engine', '@velo/retry-core'] },
  { folder: 'packages/platformatic', entry: 'index', bundled: ['@velo/engine', '@velo/retry-core'] },
  { folder: 'packages/opentelemetry', entry: 'index', bundled: [] },
  { folder: 'packages/prometheus', entry: 'index', bundled: [] },
];

const update = process.argv.includes('--update');
const scratch = mkdtempSync(join(tmpdir(), 'velo-api-'));

function configOf({ folder, entry, bundled }) {
  const projectFolder = join(ROOT, folder);
  const packageJsonFullPath = join(projectFolder, 'package.json');
  return ExtractorConfig.prepare({
    configObjectFullPath: undefined,
    packageJsonFullPath,
    configObject: {
      projectFolder,
      mainEntryPointFilePath: join(projectFolder, 'dist', `${entry}.d.ts`),
      bundledPackages: bundled,
      newlineKind: 'lf',
      compiler: {
        overrideTsconfig: {
          extends: join(ROOT, 'tsconfig.base.json'),
          compilerOptions: { skipLibCheck: true, types: ['node'] },
          files: [join(projectFolder, 'dist', `${entry}.d.ts`)],
        },
      },
      apiReport: {
        enabled: true,
        reportFileName: `${entry}`,
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
  for (const fault of faults) console.error(`${entry.folder}: ${fault}`);
  return faults.length === 0;
}

try {
  if (!ENTRIES.map(check).every(Boolean)) process.exitCode = 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
