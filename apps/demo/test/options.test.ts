import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DEFAULT_INPUT } from '../src/default-input.js';
import { parseOptions } from '../src/run/options.js';

function parse(args: string[], env: Record<string, string> = {}, cwd = '/somewhere') {
  let out = '';
  let err = '';
  const write = (text: string) => {
    out += text;
  };
  const writeError = (text: string) => {
    err += text;
  };
  try {
    return { options: parseOptions(args, { env, cwd, write, writeError }), out, err, exitCode: undefined };
  } catch (error) {
    return { options: undefined, out, err, exitCode: (error as { exitCode?: number }).exitCode };
  }
}

describe('parseOptions', () => {
  it('has a default for everything', () => {
    expect(parse([]).options).toEqual({
      input: DEFAULT_INPUT,
      brokers: undefined,
      client: 'kafkajs',
      report: '/somewhere/reports/velo-demo.html',
      keepTopics: false,
      quick: false,
      watch: undefined,
    });
  });

  it('takes paths relative to the folder it is called in', () => {
    expect(parse(['--input', 'a.ndjson', '--report', 'r.html']).options).toMatchObject({
      input: '/somewhere/a.ndjson',
      report: '/somewhere/r.html',
    });
  });

  it('takes an input relative to the folder that npm was called in', () => {
    const folder = mkdtempSync(join(tmpdir(), 'velo-demo-options-'));
    writeFileSync(join(folder, 'a.ndjson'), '1');
    expect(parse(['-i', 'a.ndjson'], { INIT_CWD: folder }).options?.input).toBe(join(folder, 'a.ndjson'));
    rmSync(folder, { recursive: true });
  });

  it.each([
    { args: ['--brokers', 'a:1, b:65535'], env: {}, brokers: ['a:1', 'b:65535'] },
    { args: ['--brokers', '[::1]:9092'], env: {}, brokers: ['[::1]:9092'] },
    { args: [], env: { KAFKA_BROKERS: 'k1:9092,k2:9092' }, brokers: ['k1:9092', 'k2:9092'] },
    { args: ['--brokers', 'a:1'], env: { KAFKA_BROKERS: 'b:2' }, brokers: ['a:1'] },
    { args: [], env: { KAFKA_BROKERS: ' ' }, brokers: undefined },
  ])('takes the brokers of $args and $env', ({ args, env, brokers }) => {
    expect(parse(args, env).options?.brokers).toEqual(brokers);
  });

  it.each([
    { args: ['--brokers', 'nonsense'], message: '"nonsense" is not HOST:PORT' },
    { args: ['--brokers', 'a:1,'], message: '"" is not HOST:PORT' },
    { args: ['--brokers', 'a:0'], message: 'is not HOST:PORT' },
    { args: ['--brokers', 'a:70000'], message: 'is not HOST:PORT' },
    { args: ['--brokres', 'a:1'], message: 'Did you mean --brokers?' },
    { args: ['--client', 'other'], message: 'Allowed choices are kafkajs' },
    { args: ['--input'], message: 'argument missing' },
    { args: ['films.ndjson'], message: 'too many arguments' },
  ])('refuses $args and says why', ({ args, message }) => {
    const { exitCode, err } = parse(args);
    expect(exitCode).toBe(1);
    expect(err).toContain(message);
    expect(err).toContain('--help');
  });

  it('refuses a wrong KAFKA_BROKERS by its name', () => {
    const { exitCode, err } = parse([], { KAFKA_BROKERS: 'x' });
    expect(exitCode).toBe(2);
    expect(err).toContain('KAFKA_BROKERS: "x" is not HOST:PORT');
  });

  it('tells all', () => {
    const { exitCode, out } = parse(['--help']);
    expect(exitCode).toBe(0);
    for (const word of [
      '--input',
      '--brokers',
      'KAFKA_BROKERS',
      '--client',
      '--report',
      'Exit status',
      'Examples',
    ]) {
      expect(out).toContain(word);
    }
  });
});
