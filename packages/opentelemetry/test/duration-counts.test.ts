import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BUCKETS } from '../src/conventions.js';
import { DurationCounts } from '../src/duration-counts.js';
import { durationsOf } from '../src/instruments.js';

class Reader extends MetricReader {
  protected async onForceFlush(): Promise<void> {}
  protected async onShutdown(): Promise<void> {}
}

const PARTITIONS = ['0', '1'].map((partition) => ({ 'messaging.destination.partition.id': partition }));

const attempt = fc.record({
  seconds: fc.oneof(fc.constantFrom(0, ...BUCKETS), fc.double({ min: 0, max: 20, noNaN: true })),
  partition: fc.constantFrom(...PARTITIONS),
  errorType: fc.constantFrom(undefined, 'TypeError', 'ECONNREFUSED'),
});

describe('durations that are counted here', () => {
  it('are read as those that the SDK has counted', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(attempt, { minLength: 1 }), async (attempts) => {
        const counts = new DurationCounts('test');
        const reader = new Reader({ metricProducers: [counts] });
        const sdk = durationsOf(new MeterProvider({ readers: [reader] }).getMeter('test'));
        for (const { seconds, partition, errorType } of attempts) {
          counts.record(seconds, partition, errorType);
          sdk.record(seconds, partition, errorType);
        }
        const { resourceMetrics, errors } = await reader.collect();
        expect(errors).toEqual([]);
        const [bySdk, byVelo] = resourceMetrics.scopeMetrics.map(({ scope, metrics: [metric] }) => {
          const points = metric?.dataPoints.map(({ attributes, value }) => ({ attributes, value })) ?? [];
          const sorted = points.sort((a, b) =>
            JSON.stringify(a.attributes) < JSON.stringify(b.attributes) ? -1 : 1,
          );
          const { name, unit, description, valueType } = metric?.descriptor ?? {};
          const { aggregationTemporality, dataPointType } = metric ?? {};
          return {
            scope: scope.name,
            is: [name, unit, description, valueType, aggregationTemporality, dataPointType],
            sorted,
          };
        });
        expect(byVelo).toEqual(bySdk);
      }),
    );
  });

  it('tell since when, and until when', async () => {
    let now = 1_500;
    const counts = new DurationCounts('test', () => now);
    counts.record(0.1, {}, undefined);
    now = 90_250;
    const { resourceMetrics } = await counts.collect();
    expect(resourceMetrics.scopeMetrics[0]?.metrics[0]?.dataPoints[0]).toMatchObject({
      startTime: [1, 500_000_000],
      endTime: [90, 250_000_000],
    });
  });

  it('what was read does not change with what comes', async () => {
    const counts = new DurationCounts('test');
    counts.record(0.1, PARTITIONS[0] ?? {}, undefined);
    const { resourceMetrics } = await counts.collect();
    const before = JSON.stringify(resourceMetrics);
    counts.record(0.1, PARTITIONS[0] ?? {}, undefined);
    expect(JSON.stringify(resourceMetrics)).toBe(before);
  });
});
