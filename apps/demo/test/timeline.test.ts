import { describe, expect, it } from 'vitest';
import { Timeline } from '../src/report/timeline.js';
import { Clock } from './sample-run.js';

describe('Timeline', () => {
  it('counts events in bins, and has no gaps', () => {
    const clock = new Clock();
    clock.time = 5_000;
    const timeline = new Timeline(clock.now, 100);
    timeline.count('handled');
    clock.time += 99;
    timeline.count('handled', 2);
    clock.time += 201;
    timeline.count('retried');
    clock.time += 50;
    const { bins, duration } = timeline.snapshot();
    expect(duration).toBe(350);
    expect(bins.map(({ from, handled, retried }) => [from, handled, retried])).toEqual([
      [0, 3, 0],
      [100, 0, 0],
      [200, 0, 0],
      [300, 0, 1],
    ]);
  });

  it('keeps outages, those that are not over up to now', () => {
    const clock = new Clock();
    const timeline = new Timeline(clock.now);
    const over = timeline.outage('broker');
    clock.time = 10;
    timeline.outage('service');
    clock.time = 30;
    over();
    clock.time = 50;
    over();
    expect(timeline.snapshot().outages).toEqual([
      { label: 'broker', from: 0, to: 30 },
      { label: 'service', from: 10, to: 50 },
    ]);
  });
});
