import { describe, expect, it } from 'vitest';
import { healthOf } from '../src/observing/health.js';
import { healthCases, well } from './support/health-cases.js';

describe('health', () => {
  it.each(healthCases)('is $state of $facts', ({ state, facts, live, ready }) => {
    expect(healthOf({ ...well, ...facts })).toMatchObject({ state, live, ready });
  });
});
