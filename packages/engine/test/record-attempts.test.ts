import { PermanentError } from '@velo/retry-core';
import { describe, expect, it } from 'vitest';
import type { OutgoingRecord } from '../src/binding/binding.js';
import { gate, type LaneSetup, laneInTest, recordAt, startAt } from './support/lane-in-test.js';
import { kafkaError } from './support/memory-cluster.js';
import { settle } from './support/virtual-clock.js';

function opened(setup: LaneSetup) {
  const test = laneInTest(setup);
  test.lane.open(startAt(0));
  return test;
}

const headersOf = (copy: { headers: readonly (readonly [string, unknown])[] } | undefined) =>
  Object.fromEntries(copy?.headers ?? []);

describe('an attempt', () => {
  it('runs from its beginning to its end: that is when a stall is seen, and when a rest is over', async () => {
    const { calls, handler } = gate();
    const { lane, clock } = opened({ handler });
    await expect(lane.rest()).resolves.toBeUndefined();
    lane.hold();
    lane.open(startAt(0));
    expect(lane.running).toEqual([]);
    lane.push([recordAt(0)]);
    await settle();
    expect(lane.running).toEqual([{ context: calls[0]?.context, since: clock.now() }]);
    let rested = 0;
    void lane.rest().then(() => rested++);
    void lane.rest().then(() => rested++);
    await settle();
    expect(rested).toBe(0);
    calls[0]?.pass();
    await settle();
    expect(rested).toBe(2);
    expect(lane.running).toEqual([]);
  });

  it('that succeeds is an event, and counts as one', async () => {
    const { lane, told, attempts } = opened({ handler: async () => {} });
    lane.push([recordAt(0)]);
    await settle();
    expect(told('success')).toEqual([{ record: recordAt(0), tier: 0, attempt: 1, totalAttempts: 1 }]);
    expect(attempts).toEqual([undefined]);
  });

  it.each(['pass', 'fail'] as const)(
    'that ends after the partition was lost tells nothing: %s',
    async (end) => {
      const { calls, handler } = gate();
      const { lane, told, attempts, copies } = opened({ handler });
      lane.push([recordAt(0)]);
      void lane.close('test');
      calls[0]?.[end](new PermanentError('x'));
      await settle();
      expect([attempts, copies, told('success'), told('retry'), told('deadLetter')]).toEqual([
        [],
        [],
        [],
        [],
        [],
      ]);
    },
  );

  it.each([
    {
      how: 'throws',
      handler: (error: Error) => () => {
        throw error;
      },
    },
    { how: 'rejects', handler: (error: Error) => () => Promise.reject(error) },
  ])('whose handler $how tells that very error', async ({ handler }) => {
    const error = new Error('no luck');
    const { lane, clock, told, attempts } = opened({ handler: handler(error) });
    lane.push([recordAt(0)]);
    await clock.advance(1_000);
    expect(told('retry').map((event) => event.error === error)).toEqual([true, true]);
    expect(told('deadLetter').map((event) => event.error === error)).toEqual([true]);
    expect(attempts.map((failure) => failure?.error === error)).toEqual([true, true, true]);
  });

  it('that succeeds at once teaches a strategy nothing', async () => {
    const observed: unknown[] = [];
    const strategy = { kind: 'pupil', delay: () => 1, observe: (outcome: unknown) => observed.push(outcome) };
    const { lane } = opened({ retry: { inPlace: { strategy } }, handler: async () => {} });
    lane.push([recordAt(0)]);
    await settle();
    expect(observed).toEqual([]);
  });
});

describe('what could not be decoded', () => {
  const cannot = () => {
    throw new Error('not of this schema');
  };

  it('is given up at once, whatever was thrown', async () => {
    const { lane, clock, told, attempts } = opened({ decode: cannot, handler: () => {} });
    lane.push([recordAt(0)]);
    await clock.advance(10_000);
    expect(attempts).toHaveLength(1);
    expect(told('deadLetter')).toMatchObject([{ reason: 'permanent' }]);
  });

  it.each([
    { stage: 'decode', connect: 'VALUE_CONVERTER', config: { decode: cannot, handler: () => {} } },
    { stage: 'handler', connect: 'TASK_PUT', config: { handler: cannot } },
  ])('says so in its dead letter: $stage', async ({ stage, connect, config }) => {
    const { lane, clock, copies } = opened({
      ...config,
      exhausted: { action: 'dead-letter', headers: 'connect' },
    } as LaneSetup);
    lane.push([recordAt(0)]);
    await clock.advance(10_000);
    expect(headersOf(copies[0])).toMatchObject({
      '__connect.errors.stage': connect,
      '__connect.errors.class.name': `velo.${stage}`,
    });
  });
});

describe('a record of a tier', () => {
  it('that does not say when it is due is not late', async () => {
    const { lane, told } = opened({ retry: { tiers: ['5s'] }, tier: 1, handler: () => {} });
    lane.push([recordAt(0)]);
    await settle();
    expect(told('success')).toHaveLength(1);
    expect(told('late')).toEqual([]);
  });
});

describe('a record that leaves', () => {
  const broken = () => {
    throw new PermanentError('broken');
  };
  const failing = (): never => {
    throw new Error('down');
  };
  const refuses = async () => kafkaError(10, 'too large');
  const inOneTier = { inPlace: { maxAttempts: 1 }, tiers: ['5s'] } as const;

  it('stops the consumer before it where that is configured, and says why and where', async () => {
    const { lane, halted, toCommit } = opened({ exhausted: { action: 'stop' }, handler: broken });
    lane.push([recordAt(7)]);
    await settle();
    expect(halted).toMatchObject([{ code: 'VELO_CONSUMER_DEAD', cause: { message: 'broken' } }]);
    expect(halted[0]?.message).toContain('orders, partition 0, offset 7');
    expect(toCommit()).toBe(7);
  });

  it('that nobody takes stops the consumer before it, and says why', async () => {
    const { lane, halted, clock } = opened({ handler: broken, publish: refuses });
    lane.push([recordAt(7)]);
    await clock.advance(1_000);
    expect(halted).toMatchObject([{ code: 'VELO_PUBLISH_REFUSED', cause: { code: 10 } }]);
    expect(halted[0]?.message).toContain('orders, partition 0, offset 7');
  });

  it.each(['skip', 'stop'] as const)(
    'and that its tier refuses stays, where there are no dead letters: refused %s',
    async (refused) => {
      const { lane, clock, told, halted, copies } = opened({
        retry: inOneTier,
        exhausted: { action: 'skip' },
        refused,
        handler: failing,
        publish: refuses,
      });
      lane.push([recordAt(0)]);
      await clock.advance(1_000);
      expect(copies).toEqual([]);
      expect(told('skipped')).toHaveLength(refused === 'skip' ? 1 : 0);
      expect(halted).toHaveLength(refused === 'skip' ? 0 : 1);
    },
  );

  it('and is too large goes compressed, as it is; where that is too, without the texts of the error: they are empty then', async () => {
    const sent: OutgoingRecord[] = [];
    const publish = async (record: OutgoingRecord) =>
      sent.push(record) < 3 ? kafkaError(10, 'too large') : undefined;
    const { lane, clock, copies } = opened({ retry: inOneTier, handler: failing, publish });
    lane.push([recordAt(0)]);
    await clock.advance(1_000);
    expect(sent.map(({ gzip }) => gzip)).toEqual([undefined, true, undefined]);
    const [whole, gzip] = sent as [OutgoingRecord, OutgoingRecord];
    expect(gzip).toEqual({ ...whole, gzip: true });
    expect(headersOf(copies[0])).toMatchObject({ 'velo-error-class': '', 'velo-error-message': '' });
  });

  it('and is refused after the partition was lost tells nobody and stops nobody', async () => {
    let refuse = (_: unknown) => {};
    const publish = () =>
      new Promise((resolve) => {
        refuse = resolve;
      });
    const { lane, clock, told, halted } = opened({ handler: broken, publish });
    lane.push([recordAt(0)]);
    await clock.advance(100);
    void lane.close('test');
    refuse(kafkaError(29, 'not authorized'));
    await clock.advance(1_000);
    expect([halted, told('publishRefused'), told('deadLetter')]).toEqual([[], [], []]);
  });
});
