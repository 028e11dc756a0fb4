import { execFileSync } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROWS } from '../grafana/rows.js';
import { DEPLOY, RULES } from './support/files.js';
import { findPrometheus } from './support/find-prometheus.js';
import { withoutVariables } from './support/promql.js';
import { type RunningPrometheus, runPrometheus } from './support/run-prometheus.js';
import { sampleEverything } from './support/samples.js';

const found = findPrometheus();
if (found === undefined)
  console.warn(
    'Without Prometheus on the path its own checks of rules and queries are skipped (Debian: apt-get install prometheus).',
  );

describe.skipIf(found === undefined)('as Prometheus itself sees it', () => {
  const promtool = (...args: string[]) =>
    execFileSync(found?.promtool ?? '', args, { cwd: join(DEPLOY, 'prometheus'), encoding: 'utf8' });

  it('the alert rules are right', () => {
    expect(promtool('check', 'rules', 'alerts.yaml')).toContain(`SUCCESS: ${RULES.length} rules found`);
  });

  it('the alert rules fire when they should', () => {
    expect(promtool('test', 'rules', 'alerts.test.yaml')).toContain('SUCCESS');
  });

  describe('each query', () => {
    let target: Server;
    let prometheus: RunningPrometheus;

    beforeAll(async () => {
      const register = new Registry();
      const advance = sampleEverything(register);
      target = createServer((_, response) => {
        advance();
        register.metrics().then(
          (text) => response.writeHead(200, { 'content-type': register.contentType }).end(text),
          (error: unknown) => response.writeHead(500).end(String(error)),
        );
      });
      await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
      const { port } = target.address() as AddressInfo;
      prometheus = await runPrometheus(found?.server ?? '', `127.0.0.1:${port}`);
    }, 60_000);
    afterAll(async () => {
      await prometheus?.stop();
      target?.closeAllConnections();
      await new Promise((resolve) => target?.close(resolve));
    });

    it.each(RULES)('of alert $alert can be evaluated', async ({ expr }) => {
      expect((await prometheus.query(expr)).error).toBeUndefined();
    });

    const queries = ROWS.flatMap(({ panels }) =>
      panels.flatMap(({ title, queries }) => queries.map(({ expr, legend }) => ({ title, expr, legend }))),
    );
    it.each(queries)('of the panel "$title" ($legend) shows something', async ({ expr, legend }) => {
      const { error, result } = await prometheus.query(withoutVariables(expr));
      expect(error).toBeUndefined();
      expect(result.length).toBeGreaterThan(0);
      const named = [...legend.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label);
      for (const { metric } of result) expect(Object.keys(metric)).toEqual(expect.arrayContaining(named));
    });
  });
});
