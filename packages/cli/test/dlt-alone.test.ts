import { startEmbeddedBroker } from '@velo/testkit';
import { describe, expect, it } from 'vitest';
import { startStage } from './stage.js';
import { startVelo, velo } from './support.js';

describe('velo dlt', () => {
  it('says what is wrong with what it was asked, and does nothing', async () => {
    await using kafka = await startEmbeddedBroker();
    await using billing = await startStage(kafka.brokers);
    await billing.fail(['bad 1']);
    for (const { args, code, told } of [
      { args: ['list', '--where', 'reason=none'], code: 2, told: 'reason' },
      { args: ['list', '--where', 'color=red'], code: 2, told: 'Known are reason' },
      { args: ['replay', '--rate', '0', '--yes'], code: 2, told: 'above 0' },
      { args: ['show', 'here'], code: 2, told: 'partition:offset' },
      { args: ['show', '0:4711'], code: 1, told: 'no dead letter at 0:4711' },
      { args: ['discard', '--all', '--note', 'x'.repeat(501), '--yes'], code: 2, told: '500' },
      { args: ['export', '--out', '/no/such/folder/x'], code: 2, told: '/no/such/folder/x' },
    ]) {
      const { code: exit, err } = await billing.dlt(...args);
      expect({ args, exit, err }).toEqual({ args, exit: code, err: expect.stringContaining(told) });
    }
    expect(await billing.open()).toBe(1);
  });

  it('shows dead letters that others have written', async () => {
    await using kafka = await startEmbeddedBroker();
    await using billing = await startStage(kafka.brokers);
    await billing.fail(['bad 1']);
    const bytes = (hex: string) => Buffer.from(hex, 'hex');
    await billing.client.producer().send({
      topic: billing.deadLetters,
      messages: [
        {
          value: 'of Spring Kafka',
          headers: {
            'kafka_dlt-original-topic': billing.source,
            'kafka_dlt-original-partition': bytes('00000007'),
            'kafka_dlt-original-offset': bytes('0000000000000412'),
            'kafka_dlt-exception-fqcn': 'java.io.IOException',
          },
        },
        {
          value: 'of Kafka Connect',
          headers: { '__connect.errors.topic': billing.source, '__connect.errors.partition': '3' },
        },
        { value: 'of nobody' },
      ],
    });
    const { out } = await billing.dlt('export');
    const shown = async (value: string) => {
      const lines = out
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));
      const { partition, offset } = lines.find(
        (each) => each.value === Buffer.from(value).toString('base64'),
      );
      return (await billing.dlt('show', `${partition}:${offset}`)).out;
    };
    const spring = await shown('of Spring Kafka');
    expect(spring).toContain(`${billing.source}, partition 7, offset 1042`);
    expect(spring).toMatch(/kafka_dlt-original-offset +1042$/m);
    expect(spring).toContain('of the profile spring');
    expect(await shown('of Kafka Connect')).toContain('of the profile connect');
    expect(await shown('of nobody')).toContain('tell of no dead letter');
  });

  it('outlives brokers that go away in the middle of a replay', async () => {
    await using kafka = await startEmbeddedBroker();
    await using billing = await startStage(kafka.brokers);
    const values = Array.from({ length: 20 }, (_, index) => String(index));
    await billing.fail(values);
    billing.mend();
    const replay = startVelo(billing.args('replay', '--yes', '--rate', '5'), {
      env: { VELO_BROKERS: kafka.brokers.join() },
    });
    await expect.poll(() => billing.handled.length, { timeout: 20_000 }).toBeGreaterThan(2);
    kafka.brokerDown(1);
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    kafka.brokerUp(1);
    expect(await replay.ended).toMatchObject({ code: 0, out: expect.stringContaining('replayed  20') });
    await expect.poll(() => new Set(billing.handled).size, { timeout: 20_000 }).toBe(20);
  }, 90_000);

  it('ends with 1 where no broker answers, and says what to do', async () => {
    const { code, err } = await velo(['dlt', 'list', '--group', 'g', '--brokers', '127.0.0.1:1']);
    expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining('Check the bootstrap servers') });
  }, 60_000);
});
