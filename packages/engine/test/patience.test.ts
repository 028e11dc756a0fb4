import { beforeEach, describe, expect, it } from 'vitest';
import { adviseOnRights, Patience, RIGHTS_LIMIT, TopicPatience } from '../src/sending/patience.js';
import { kafkaError } from './support/memory-cluster.js';
import { VirtualClock } from './support/virtual-clock.js';

const unauthorized = kafkaError(29, 'Topic authorization failed');

let clock: VirtualClock;
let patience: Patience;

beforeEach(() => {
  clock = new VirtualClock();
  patience = new Patience(clock);
});

/** How long a refusal each second is borne, ms. */
async function borne(): Promise<number> {
  const begin = clock.now();
  while (patience.bears(unauthorized)) await clock.advance(1_000);
  return clock.now() - begin;
}

describe('patience with rights that are missing', () => {
  it('has none with what never worked', () => {
    expect(patience.bears(unauthorized)).toBe(false);
  });

  it.each([29, 30, 31, 53, 58, -169])('bears code %i', (code) => {
    patience.worked();
    expect(patience.bears(kafkaError(code))).toBe(true);
  });

  it.each([3, 10, 42, 82])('does not bear code %i, which is none of rights', (code) => {
    patience.worked();
    expect(patience.bears(kafkaError(code))).toBe(false);
  });

  it('ends after five minutes, and does not begin anew', async () => {
    patience.worked();
    expect(await borne()).toBe(RIGHTS_LIMIT);
    await clock.advance(RIGHTS_LIMIT);
    expect(patience.bears(unauthorized)).toBe(false);
  });

  it('ends also where it works in between, as with one of several brokers', async () => {
    patience.worked();
    await borne();
    patience.worked();
    expect(patience.bears(unauthorized)).toBe(false);
  });

  it('begins anew after a minute without a refusal', async () => {
    patience.worked();
    for (let i = 0; i < 10; i++) {
      expect(patience.bears(unauthorized)).toBe(true);
      await clock.advance(60_001);
    }
    expect(await borne()).toBe(RIGHTS_LIMIT);
  });

  it('is one for each topic', () => {
    const topics = new TopicPatience(clock);
    topics.worked('a');
    expect(['a', 'b', undefined].map((topic) => topics.bears(topic, unauthorized))).toEqual([
      true,
      false,
      false,
    ]);
  });

  it('tells what it means and what to do', () => {
    const advice = adviseOnRights(unauthorized, { topic: 'orders' });
    expect(advice).toMatch(/Nothing is lost[\s\S]*5m[\s\S]*kafka-acls --add/);
    expect(adviseOnRights(kafkaError(5), {})).toBe('');
  });
});
