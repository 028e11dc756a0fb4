// Known vulnerabilities in what users install with our packages: their dependencies and the clients that they ask for.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { publicPackages } from './steps/public-packages.mjs';
import { capture, ROOT } from './steps/run-command.mjs';

/** A registry that is away is given up at once; in ms. */
const PATIENCE = ['--fetch-retries=0', '--fetch-timeout=15000'];

const manifests = publicPackages().map((folder) =>
  JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8')),
);
const own = new Set(manifests.map(({ name }) => name));
const installed = manifests.flatMap(({ dependencies = {}, peerDependencies = {} }) =>
  Object.entries({ ...dependencies, ...peerDependencies }).filter(([name]) => !own.has(name)),
);

/** Its lockfile is all that is made of it. */
const project = mkdtempSync(join(tmpdir(), 'velo-audit-'));
const npm = (...args) => capture('npm', ['--prefix', project, ...args, ...PATIENCE]);

/** What npm says, or why it says nothing. */
async function audit() {
  const locked = await npm('install', '--package-lock-only', '--ignore-scripts', '--no-audit', '--no-fund');
  if (locked.code !== 0) return { unanswered: locked.output.trim().split('\n')[0] };
  const { output } = await npm('audit', '--json');
  const report = JSON.parse(output.slice(output.indexOf('{'), output.lastIndexOf('}') + 1));
  return report.vulnerabilities === undefined ? { unanswered: report.message } : report;
}

try {
  writeFileSync(
    join(project, 'package.json'),
    JSON.stringify({ private: true, dependencies: Object.fromEntries(installed) }),
  );
  const { unanswered, vulnerabilities = {} } = await audit();
  if (unanswered !== undefined) console.log(`note: nothing was audited, no registry answered: ${unanswered}`);
  for (const { name, severity, range, via } of Object.values(vulnerabilities)) {
    const titles = via.map((cause) => cause.title ?? cause).join('; ');
    console.error(`${name} ${range}: ${severity}: ${titles}`);
    process.exitCode = 1;
  }
} finally {
  rmSync(project, { recursive: true, force: true });
}
