import { execFileSync } from 'node:child_process';
import { mkdir, readFile, symlink } from 'node:fs/promises';
import { delimiter } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createVelo } from '@velo/kafkajs';
import { kafkaErrorCodes } from '@velo/retry-core';
import { Kafka } from 'kafkajs';
import { describe, expect, it } from 'vitest';
import { HARMFUL, scratch, startVelo, velo, veloInTerminal } from './support.js';

/** The beginning of a sequence that colours. */
const COLOUR = '\u001b[';

describe('velo', () => {
  it('tells its commands and exit codes', async () => {
    const { code, out } = await velo(['--help']);
    expect(code).toBe(0);
    for (const name of ['wait', 'explain', 'schedule', 'completion', 'Exit codes'])
      expect(out).toContain(name);
    expect(out).not.toContain('complete ');
    expect((await velo(['--version'])).out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it.each([
    { args: ['expain'], told: 'Did you mean explain?' },
    { args: ['wait'], told: '--topic' },
    { args: ['wait', '--topic', 'a', '--timout', '1s'], told: '--timeout' },
    { args: ['wait', '--topic', 'a', '--timeout', 'soon', '--brokers', 'b:1'], told: 'duration such as' },
    { args: ['wait', '--topic', 'a'], told: 'VELO_BROKERS' },
    { args: ['explain'], told: 'velo explain 3' },
    { args: ['schedule', '--jitter', 'some'], told: 'none, full, equal, decorrelated' },
    { args: ['schedule', '--attempts', '0'], told: '1 to 1000' },
    { args: ['schedule', '--initial', '2s', '--max', '1s'], told: 'max' },
    { args: ['schedule', '--multiplier', 'x'], told: 'multiplier' },
    { args: ['completion', 'tcsh'], told: 'bash, zsh, fish' },
  ])('ends with 2 for $args, and says what is wrong', async ({ args, told }) => {
    const { code, out, err } = await velo(args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(told);
  });

  it('has colours in a terminal alone, and none where nobody wants them', async () => {
    const args = ['explain', '3'];
    expect((await veloInTerminal(args)).screen).toContain(COLOUR);
    expect((await veloInTerminal(args, { env: { NO_COLOR: '1' } })).screen).not.toContain(COLOUR);
    expect((await veloInTerminal(args, { env: { TERM: 'dumb' } })).screen).not.toContain(COLOUR);
    expect((await velo(args, { CI: '1', FORCE_COLOR: '1' })).out).not.toMatch(HARMFUL);
  });

  it('ends in peace where nobody reads on', () => {
    const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));
    const shell = `set -o pipefail; "${process.execPath}" "${main}" explain --all --json | head -1`;
    expect(execFileSync('bash', ['-c', shell], { encoding: 'utf8' })).toBe('[\n');
  });
});

describe('velo explain', () => {
  it.each([
    { asked: '3', told: 'UNKNOWN_TOPIC_OR_PARTITION (3)' },
    { asked: 'unknown_topic_or_partition', told: 'UNKNOWN_TOPIC_OR_PARTITION (3)' },
    { asked: '-195', told: '_TRANSPORT (-195)' },
    { asked: 'ERR__TRANSPORT', told: '_TRANSPORT (-195)' },
    { asked: 'Broker: Topic authorization failed', told: 'TOPIC_AUTHORIZATION_FAILED (29)' },
    { asked: 'connect ECONNREFUSED 127.0.0.1:9092', told: 'Kafka cannot be reached' },
  ])('knows $asked', async ({ asked, told }) => {
    const { code, out } = await velo(['explain', asked]);
    expect(code).toBe(0);
    expect(out).toContain(told);
    expect(out).toContain('What to do:');
  });

  it('knows every code by its number and its name, for programs too', async () => {
    const { out } = await velo(['explain', '--all', '--json']);
    expect(JSON.parse(out)).toHaveLength(kafkaErrorCodes.length);
    const [one, other] = await Promise.all(['-200', 'NONE'].map((code) => velo(['explain', '--json', code])));
    expect(JSON.parse(one?.out ?? '')).toMatchObject({ code: -200, action: expect.any(String) });
    expect(JSON.parse(other?.out ?? '')).toMatchObject({ code: 0 });
    const table = (await velo(['explain', '--all'])).out;
    for (const { name } of kafkaErrorCodes) expect(table).toContain(name);
  });

  it.each([
    { asked: '4711', told: 'no code 4711' },
    { asked: 'NOT_ENOUGH_REPLICA', told: 'Did you mean NOT_ENOUGH_REPLICAS?' },
  ])('makes nothing up: $asked', async ({ asked, told }) => {
    const { code, err } = await velo(['explain', asked]);
    expect(code).toBe(1);
    expect(err).toContain(told);
  });

  it('prints no control sequences and no secrets of a text', async () => {
    const { out } = await velo(['explain', '\u001b]0;owned\u0007 password=hush \u202e']);
    expect(out).not.toMatch(HARMFUL);
    expect(out).not.toMatch(/hush|\u202e/);
  });
});

describe('velo schedule', () => {
  const attempts = async (...args: string[]) =>
    JSON.parse((await velo(['schedule', '--json', ...args])).out).attempts as {
      in: string;
      wait: { least: number; most: number };
      at: { least: number; most: number };
    }[];
  const waits = async (...args: string[]) =>
    (await attempts(...args)).map(({ wait }) => [wait.least, wait.most]);

  it('draws what the strategies of the core wait', async () => {
    const doubling = ['--initial', '1s', '--max', '5s', '--attempts', '5'];
    expect(await waits(...doubling)).toEqual([0, 1_000, 2_000, 4_000, 5_000].map((ms) => [ms, ms]));
    expect(await waits('--strategy', 'fixed', '--initial', '2s', '--attempts', '3')).toEqual([
      [0, 0],
      [2_000, 2_000],
      [2_000, 2_000],
    ]);
    expect(await waits(...doubling, '--jitter', 'full')).toEqual(
      [0, 1_000, 2_000, 4_000, 5_000].map((ms) => [0, ms]),
    );
    expect(await waits(...doubling, '--jitter', 'equal')).toEqual(
      [0, 1_000, 2_000, 4_000, 5_000].map((ms) => [ms / 2, ms]),
    );
    expect((await waits(...doubling, '--jitter', 'decorrelated')).slice(1)).toEqual([
      [1_000, 3_000],
      [1_000, 5_000],
      [1_000, 5_000],
      [1_000, 5_000],
    ]);
  });

  it('goes on through tiers, and adds up', async () => {
    const all = await attempts('--tiers', '5s,1m');
    expect(all.map((each) => each.in)).toEqual(
      ['source', 'tier 5s', 'tier 1m'].flatMap((name) => [name, name, name]),
    );
    expect(all.at(-1)?.at).toEqual({ least: 65_900, most: 65_900 });
  });

  it('has the defaults of a consumer', async () => {
    const told = createVelo(new Kafka({ brokers: ['localhost:1'] }))
      .consumer({ groupId: 'g', topics: ['t'], handler() {}, retry: { tiers: ['5s'] } })
      .explain();
    const [, first, second] = await waits('--tiers', '5s');
    expect(told).toContain('3 attempts');
    for (const [ms] of [first, second] as number[][]) expect(told).toContain(`${ms}ms`);
  });

  it('fits its terminal, and is a document where one is asked for', async () => {
    await using folder = await scratch();
    const svg = folder.file('retries.svg');
    const { screen } = await veloInTerminal(['schedule', '--jitter', 'full', '--svg', svg]);
    expect(screen).toContain('░░░');
    const text = await readFile(svg, 'utf8');
    expect(text).toMatch(/^<svg xmlns=.*<\/svg>\n$/s);
    expect(text.match(/<rect/g)).toHaveLength(9);
    const { code, err } = await velo(['schedule', '--svg', folder.file('no/such/folder')]);
    expect(code).toBe(1);
    expect(err).toContain('no/such/folder');
  });
});

describe('completion', () => {
  const typed = async (...words: string[]) =>
    (await velo(['complete', '--', ...words])).out
      .trimEnd()
      .split('\n')
      .map((line) => line.split('\t')[0]);

  it.each([
    { words: ['sch'], found: ['schedule'] },
    { words: ['schedule', '--st'], found: ['--strategy'] },
    { words: ['schedule', '--jitter', ''], found: ['none', 'full', 'equal', 'decorrelated'] },
    { words: ['schedule', '--jitter', 'none', '--sv'], found: ['--svg'] },
    { words: ['schedule', '--jitter=fu'], found: ['--jitter=full'] },
    { words: ['schedule', '--attempts', ''], found: [''] },
    { words: ['wait', '--config', ''], found: [':files'] },
    { words: ['completion', ''], found: ['bash', 'zsh', 'fish'] },
    { words: ['nothing', '--x', ''], found: [''] },
  ])('of $words', async ({ words, found }) => {
    expect(await typed(...words)).toEqual(found);
  });

  it('works in bash', async () => {
    await using folder = await scratch();
    await mkdir(folder.file('bin'));
    await symlink(fileURLToPath(new URL('../dist/main.js', import.meta.url)), folder.file('bin/velo'));
    const script = `source <(velo completion bash)
      COMP_WORDS=(velo schedule --jitter f); COMP_CWORD=3; _velo; echo "\${COMPREPLY[@]}"
      COMP_WORDS=(velo wait --config ${folder.file('bin/v')}); COMP_CWORD=3; _velo; echo "\${COMPREPLY[@]}"`;
    const PATH = [folder.file('bin'), process.execPath.replace(/\/[^/]*$/, ''), process.env.PATH].join(
      delimiter,
    );
    const told = execFileSync('bash', ['-c', script], { encoding: 'utf8', env: { PATH } });
    expect(told).toBe(`full\n${folder.file('bin/velo')}\n`);
  });

  it.each(['bash', 'zsh', 'fish'])('has a script for %s', async (shell) => {
    const { code, out } = await velo(['completion', shell]);
    expect(code).toBe(0);
    expect(out).toContain('velo complete -- ');
  });
});

it('ends by a signal with its code', async () => {
  const { child, ended, output } = startVelo(
    ['wait', '--topic', 'a', '--brokers', '127.0.0.1:1', '--timeout', '60s'],
    {},
  );
  await expect.poll(output, { timeout: 10_000 }).toContain('waiting');
  child.kill('SIGINT');
  expect(await ended).toMatchObject({ code: 130, err: expect.stringContaining('Interrupted') });
});
