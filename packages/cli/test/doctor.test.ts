import { javaAvailable, type KafkaCluster, startKafka } from '@velo/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startStage } from './stage.js';
import { velo, veloInTerminal } from './support.js';

// The embedded broker describes neither groups nor the settings of topics.
describe.skipIf(!javaAvailable())('velo doctor on a real Kafka', () => {
  let kafka: KafkaCluster;
  const doctor = (...args: readonly string[]) =>
    velo(['doctor', ...args], { VELO_BROKERS: kafka.brokers.join() });

  beforeAll(async () => {
    kafka = await startKafka();
  }, 60_000);
  afterAll(() => kafka?.stop());

  it('has a line for each thing that is well, and what to do for others', async () => {
    await using billing = await startStage(kafka.brokers);
    await billing.fail(['bad 1']);
    const of = ['--group', billing.group, '--topic', billing.source, '--tiers', '200ms'];
    const { code, out, err } = await doctor(...of);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/^ok {6}brokers: /m);
    expect(out).toMatch(new RegExp(`^ok {6}topic ${billing.source}: `, 'm'));
    expect(out).toMatch(new RegExp(`^ok {6}group ${billing.group}: It has 1 member`, 'm'));
    expect(out).toMatch(new RegExp(`^warning topic ${billing.deadLetters}: .* 1 dead letter`, 'm'));
    expect(out).toContain(`velo dlt list --group ${billing.group}`);
    expect(out).toMatch(/^0 problems, \d+ warnings?, \d+ ok/m);
    const { findings } = JSON.parse((await doctor(...of, '--json')).out);
    expect(findings).toContainEqual(expect.objectContaining({ check: 'members', status: 'ok' }));
    const seen = await veloInTerminal(['doctor', ...of], { env: { VELO_BROKERS: kafka.brokers.join() } });
    expect(seen).toMatchObject({ code: 0, screen: expect.stringContaining('\u001b[32mok') });
  });

  it('ends with 1 where there is a problem', async () => {
    const { code, out } = await doctor('--group', 'nobody', '--topic', 'no-such-topic');
    expect(code).toBe(1);
    expect(out).toMatch(/^PROBLEM topic no-such-topic: It does not exist/m);
  });
});

it('ends with 1 where no broker answers, and says what to do', async () => {
  const { code, out } = await velo(['doctor', '--group', 'g', '--topic', 't', '--brokers', '127.0.0.1:1']);
  expect({ code, out }).toEqual({ code: 1, out: expect.stringContaining('Check the bootstrap servers') });
}, 60_000);
