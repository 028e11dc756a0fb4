import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OutgoingRecord, PublishOutcome } from '../src/binding/binding.js';
import { sendApart } from '../src/sending/send-apart.js';
import { kafkaError } from './support/memory-cluster.js';

const outage = kafkaError(6, 'not the leader');

const record = (value: string): OutgoingRecord => ({
  topic: 'orders',
  partition: 0,
  key: null,
  value,
  headers: [],
});

/** A broker that rejects a batch with a record of value `bad` altogether. */
class Partition {
  readonly log: string[] = [];
  readonly sends: string[] = [];
  /** Of sends, from 0, which fail for a while. */
  outages = new Set<number>();

  constructor(readonly code = 10) {}

  readonly send = async (records: readonly OutgoingRecord[]): Promise<readonly PublishOutcome[]> => {
    const values = records.map(({ value }) => String(value));
    const number = this.sends.push(values.join(' ')) - 1;
    const error = this.outages.has(number)
      ? outage
      : values.includes('bad') && kafkaError(this.code, 'rejected');
    if (error) return records.map(() => ({ written: false, error }));
    return values.map((value) => ({ written: true, offset: String(this.log.push(value) - 1) }));
  };
}

const codes = (outcomes: readonly PublishOutcome[]) =>
  outcomes.map((outcome) => (outcome.written ? 0 : (outcome.error as { code: number }).code));

describe('a batch that is rejected for one record', () => {
  it.each([10, 18, 32, 87])('is halved until that one stands alone (code %d)', async (code) => {
    const partition = new Partition(code);
    const outcomes = await sendApart(['a', 'b', 'bad', 'c'].map(record), partition.send);
    expect(codes(outcomes)).toEqual([0, 0, code, 0]);
    expect(outcomes[3]).toEqual({ written: true, offset: '2' });
    expect(partition.sends).toEqual(['a b bad c', 'a b', 'bad c', 'bad', 'c']);
  });

  it('is not halved for what all of its records share', async () => {
    const partition = new Partition(29);
    expect(codes(await sendApart(['a', 'bad'].map(record), partition.send))).toEqual([29, 29]);
    expect(partition.sends).toHaveLength(1);
  });

  it('sends nothing after a half that failed otherwise: the rest has failed as well', async () => {
    const partition = new Partition();
    partition.outages.add(1);
    const outcomes = await sendApart(['a', 'b', 'bad', 'c'].map(record), partition.send);
    expect(codes(outcomes)).toEqual([6, 6, 6, 6]);
    expect(partition.sends).toEqual(['a b bad c', 'a b']);
  });

  it('is not halved where some of it failed otherwise, so that none overtakes those', async () => {
    const sends: number[] = [];
    const [rejected, failed] = [kafkaError(10, 'too large'), outage];
    const outcomes = await sendApart(['a', 'b', 'c'].map(record), async (records) => {
      sends.push(records.length);
      return [failed, rejected, rejected].map((error) => ({ written: false, error }));
    });
    expect(codes(outcomes)).toEqual([6, 6, 6]);
    expect(sends).toEqual([3]);
  });
});

it('gives what a client gives that breaks its contract', async () => {
  expect(await sendApart([record('a'), record('b')], async () => [])).toEqual([]);
});

it('writes all good records once and in order, whichever are bad and whatever fails meanwhile', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.boolean(), { minLength: 1, maxLength: 30 }),
      fc.array(fc.nat(40), { maxLength: 3 }),
      async (bad, outages) => {
        const partition = new Partition();
        partition.outages = new Set(outages);
        let left = bad.map((isBad, i) => ({ value: isBad ? 'bad' : String(i), isBad }));
        // As the writer does: what failed for a while comes again, in its order.
        while (left.length > 0) {
          const outcomes = await sendApart(
            left.map(({ value }) => record(value)),
            partition.send,
          );
          for (const [i, { isBad }] of left.entries()) if (outcomes[i]?.written) expect(isBad).toBe(false);
          left = left.filter((_, i) => codes(outcomes)[i] === 6);
        }
        expect(partition.log).toEqual(bad.flatMap((isBad, i) => (isBad ? [] : [String(i)])));
      },
    ),
  );
});
