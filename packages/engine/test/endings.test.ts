import { PermanentError, VeloError } from '@velo/retry-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Consumers } from './support/consumers.js';
import { kafkaError } from './support/memory-cluster.js';

let consumers: Consumers;

beforeEach(() => {
  consumers = new Consumers();
});
afterEach(() => consumers.end());

async function running() {
  consumers.cluster.create('orders');
  const member = consumers.start({ retry: { tiers: ['5s'] } }, 'crashed', 'dead');
  await consumers.clock.advance(100);
  await member.joined;
  return member;
}

describe('a consumer that dies', () => {
  it('of what its client cannot do ends at once, in the adapter’s words', async () => {
    const { told, consumer } = await running();
    const words = `${'It cannot read ZSTD. '.repeat(40)}Register a codec.`;
    const error = new VeloError('VELO_NOT_SUPPORTED', words, { cause: kafkaError(76) });
    consumers.cluster.members[0]?.crash(error);
    await consumers.clock.advance(60_000);
    expect(told('crashed')).toEqual([]);
    expect(told('dead')).toEqual([{ error, explanation: words }]);
    expect(consumer.health().error).toBe(error);
  });

  it('since another member has its instance id ends at once, and says what to do', async () => {
    const { told, consumer } = await running();
    consumers.cluster.members[0]?.crash(kafkaError(82, 'fenced: "pod-1"'));
    await consumers.clock.advance(60_000);
    expect(told('crashed')).toEqual([]);
    expect(consumers.cluster.members).toHaveLength(1);
    expect(told('dead')[0]?.explanation).toMatch(/pod-1[\s\S]*group\.instance\.id of its own/);
    expect(consumer.health().state).toBe('dead');
  });

  it('for want of a permission that it never had says all that its user must be allowed', async () => {
    const { told, consumer } = await running();
    consumers.cluster.onJoin = () => {
      throw kafkaError(29, 'Topic authorization failed');
    };
    consumers.cluster.members[0]?.crash(kafkaError(29, 'Topic authorization failed'));
    await consumers.clock.advance(60_000);
    const { text } = await consumer.requirements();
    const rights = text.slice(text.indexOf('# What its user'));
    expect(rights).toContain('--topic=orders-billing-retry-5s');
    expect(told('dead')[0]?.explanation).toContain(rights);
  });

  it('for want of the right to its group names the group', async () => {
    const { told } = await running();
    consumers.cluster.onJoin = () => {
      throw kafkaError(30, 'Not authorized');
    };
    consumers.cluster.members[0]?.crash(kafkaError(30, 'Not authorized'));
    await consumers.clock.advance(60_000);
    expect(told('dead')[0]?.explanation).toMatch(/group "?billing/);
  });

  it('of what is no error of Kafka’s is told it as it is, and that nothing is lost', async () => {
    consumers.cluster.create('orders');
    consumers.cluster.onJoin = () => {
      throw new TypeError('x.map is not a function');
    };
    const { told, joined } = consumers.start({}, 'dead');
    await consumers.clock.advance(600_000);
    await expect(joined).rejects.toThrow('x.map is not a function');
    expect(told('dead')[0]?.explanation).toMatch(/^x\.map is not a function\n.*is lost/);
  });

  it('since nobody takes a copy names the topic', async () => {
    consumers.cluster.create('orders');
    consumers.cluster.produce('orders', 0, 'bad');
    consumers.cluster.onPublish = () => kafkaError(29, 'Topic authorization failed');
    const { told } = consumers.start(
      {
        handler: () => {
          throw new PermanentError('never');
        },
      },
      'dead',
    );
    await consumers.clock.advance(1_000);
    expect(told('dead')[0]?.explanation).toMatch(/orders-billing-dlt[\s\S]*kafka-acls --add/);
  });
});
