// npm start, npm test, npm run lint, npm run build, npm run chaos, npm run bench, npm run release, .ci/run: each installs and builds what is missing, then does its job.
// Written without new syntax, so that an old Node can still say what it lacks.

const MINIMUM_NODE = 20;

const major = Number(process.versions.node.split('.')[0]);
if (major < MINIMUM_NODE) {
  console.error(
    `velo needs Node ${MINIMUM_NODE} or newer; this is ${process.versions.node}. Get one at nodejs.org.`,
  );
  process.exit(1);
}
if (process.platform === 'win32') {
  console.error('velo is built on Linux and macOS. On Windows, use WSL.');
  process.exit(1);
}

const { main } = await import('./steps/main.mjs');
process.exitCode = await main(process.argv[2], process.argv.slice(3));
