import { execFile, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { newerNode } from '@velo/newer-node';
import { freePorts } from '@velo/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CLIENT_NAMES } from '../src/cluster/clients.js';

const DEMO = fileURLToPath(new URL('..', import.meta.url));

/** What `npm start` runs; `npm test` builds it first. */
const MAIN = join(DEMO, 'dist', 'main.js');

/** ms */
const LIMIT = 60_000;

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'velo-demo-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The Node that `npm start` takes; undefined: this machine has none for the client. */
const nodeFor = (client: string): string | undefined =>
  client === 'platformatic' ? newerNode() : process.execPath;

const hasNode = (client: string): boolean => nodeFor(client) !== undefined;

function demo(...args: string[]): Promise<Run> {
  const node = nodeFor(args[args.indexOf('--client') + 1] ?? '') ?? process.execPath;
  return new Promise((resolve) => {
    const { KAFKA_BROKERS: _, ...env } = process.env;
    execFile(node, [MAIN, ...args], { env, cwd: folder }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : (error.code as unknown as number), stdout, stderr });
    });
  });
}

const film = (n: number) => JSON.stringify({ Title: `Film ${n}`, 'Release Date': 'Jun 12 1998' });

async function input(lines: readonly string[]): Promise<string> {
  const path = join(folder, 'films.ndjson');
  await writeFile(path, lines.join('\n'));
  return path;
}

describe('the demo', () => {
  it.each(CLIENT_NAMES.filter(hasNode))(
    'brings every film through all faults, counts them from the topics, and writes the report: %s',
    async (client) => {
      const lines = Array.from({ length: 40 }, (_, n) => film(n));
      lines[3] = 'this is no JSON';
      lines[7] = '{"Title":1776,"Release Date":"Nov 09 1972"}';
      lines[9] = '{"Title":"Late","Release Date":"Dec 31 2046"}';
      const { code, stdout, stderr } = await demo(
        '--client',
        client,
        '--quick',
        '--input',
        await input(lines),
      );
      expect(stderr).toBe('');
      expect(stdout.trimEnd().split('\n').at(-1)).toBe('39 produced, 37 handled, 2 dead-lettered, 0 lost');
      expect(code).toBe(0);
      expect(stdout).toContain('line 4: no JSON');
      for (const words of [
        'velo waits for the topic "films"',
        'broker 2, which also leads the consumer group, is down',
        'broker 2 is back',
        'leaders change, so that requests fail',
        'the enrichment service is stopped',
        'title is not text',
        'release date lies after 2014',
      ]) {
        expect(stdout).toContain(words);
      }
      const report = /^Report {2}(.*)$/m.exec(stdout)?.[1] ?? '';
      expect(report).toBe(join(folder, 'reports', 'velo-demo.html'));
      expect(await readFile(report, 'utf8')).toContain('39 films through real faults, none lost');
    },
    LIMIT,
  );

  it.each(
    [
      { client: 'kafkajs', words: 'ECONNREFUSED' },
      { client: 'rdkafka', words: 'Connection refused' },
      { client: 'confluent', words: 'Connection refused' },
      { client: 'platformatic', words: 'ECONNREFUSED' },
    ].filter(({ client }) => hasNode(client)),
  )(
    'ends with an explanation where no broker answers: $client',
    async ({ client, words }) => {
      const { code, stderr } = await demo(
        '--client',
        client,
        '--brokers',
        `127.0.0.1:${await freePorts(1)}`,
        '--input',
        await input([film(1)]),
      );
      expect(code).toBe(1);
      expect(stderr).toContain(words);
      expect(stderr).not.toMatch(/^ +at /m);
    },
    LIMIT,
  );

  it('ends with an explanation where there is nothing to read', async () => {
    expect(await demo('--input', 'none.ndjson')).toMatchObject({ code: 1, stdout: '' });
    const { code, stderr } = await demo('--input', await input([]));
    expect(code).toBe(1);
    expect(stderr).toContain('holds no record: it is empty');
  });

  it('refuses wrong arguments with a status of their own, and tells all when asked', async () => {
    expect(await demo('--nonsense')).toMatchObject({ code: 2, stdout: '' });
    expect(await demo('--help')).toMatchObject({ code: 0, stderr: '' });
  });

  it(
    'ends soon and cleanly when it is interrupted',
    async () => {
      const child = spawn(process.execPath, [MAIN, '--quick', '--input', await input([film(1)])]);
      let stderr = '';
      child.stderr.on('data', (data) => {
        stderr += data;
      });
      await new Promise((resolve) => child.stdout.once('data', resolve));
      child.kill('SIGINT');
      const code = await new Promise((resolve) => child.once('close', resolve));
      expect(code).toBe(130);
      expect(stderr).toContain('interrupted');
    },
    LIMIT,
  );
});
