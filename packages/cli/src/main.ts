#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { printableLines } from '@velo/retry-core';
import { CliError } from './cli-error.js';
import { Secrets } from './connection/secrets.js';
import type { Context } from './context.js';
import { EXIT } from './exit-codes.js';
import { explainEnd } from './explain-end.js';
import { createProgram } from './program.js';
import { writerTo } from './terminal/writer.js';

/** How long a command that was interrupted may take to end what it was doing, ms. */
const GRACE = 10_000;

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
const interrupt = new AbortController();
const context: Context = {
  out: writerTo(process.stdout, process.env),
  err: writerTo(process.stderr, process.env),
  stdin: process.stdin,
  env: process.env,
  signal: interrupt.signal,
  secrets: new Secrets(),
  exitCode: EXIT.done,
};

process.once('SIGINT', () => end(EXIT.interrupted));
process.once('SIGTERM', () => end(EXIT.terminated));
// Whoever read our output has what it wanted: `velo explain --all | head`
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) =>
    process.exit(error.code === 'EPIPE' ? EXIT.done : EXIT.failed),
  );
// kafkajs makes Node 24 warn of a negative timer.
if (!process.argv.includes('--debug')) process.removeAllListeners('warning');

process.exitCode = await main();
// Connections that a client has not ended in time hold up nobody.
setTimeout(() => process.exit(), 1_000).unref();

async function main(): Promise<number> {
  try {
    await createProgram(context, version).parseAsync(process.argv);
    return interrupt.signal.aborted ? interrupt.signal.reason.exitCode : context.exitCode;
  } catch (error) {
    const { exitCode, text } = explainEnd(interrupt.signal.aborted ? interrupt.signal.reason : error);
    if (text !== '') context.err.line(context.secrets.strip(text));
    if (process.argv.includes('--debug') && error instanceof Error && error.stack !== undefined)
      context.err.line(context.err.colors.dim(context.secrets.strip(printableLines(error.stack))));
    return exitCode;
  }
}

/** A second signal, or one that nothing heeds in time, ends the program as it would have. */
function end(exitCode: typeof EXIT.interrupted | typeof EXIT.terminated): void {
  interrupt.abort(new CliError(exitCode, 'Interrupted: what was begun is finished, the rest is as it was.'));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(exitCode));
  setTimeout(() => process.exit(exitCode), GRACE).unref();
}
