import { join } from 'node:path';
import { expect, it } from 'vitest';
import { dashboard } from '../grafana/dashboard.js';
import { DEPLOY } from './support/files.js';

it('velo.json is what the builder makes (pnpm run dashboard writes it)', async () => {
  await expect(`${JSON.stringify(dashboard(), null, 2)}\n`).toMatchFileSnapshot(
    join(DEPLOY, 'grafana/velo.json'),
  );
});

it('has a description for each panel, and rows as wide as the page', () => {
  const { panels = [] } = dashboard();
  expect(panels.length).toBeGreaterThan(10);
  for (const panel of panels) {
    if (panel.type === 'row') continue;
    expect(panel).toMatchObject({ description: expect.stringMatching(/\.$/), gridPos: expect.anything() });
    const { x = 0, w = 0 } = panel.gridPos ?? {};
    expect(x + w).toBeLessThanOrEqual(24);
  }
});
