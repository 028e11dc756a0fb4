import { describe, expect, it } from 'vitest';
import type { KafkaJsBatch } from '../src/api.js';
import { Positions } from '../src/fetching/positions.js';

const P0 = { topic: 't', partition: 0 };

/** Records of partition 0 that were fetched from the first one's offset. */
function batch(first: number, last = first): KafkaJsBatch {
  return { ...P0, fetchedOffset: String(first), messages: [], lastOffset: () => String(last) };
}

function after(...batches: KafkaJsBatch[]): Positions {
  const positions = new Positions();
  for (const passed of batches) positions.passed(P0, passed.lastOffset(), passed.fetchedOffset);
  return positions;
}

describe('Positions', () => {
  it.each([
    { what: 'the first batch', positions: after(), next: batch(7), course: 'on' },
    { what: 'one after the other', positions: after(batch(7, 8)), next: batch(9), course: 'on' },
    { what: 'the same from another leader', positions: after(batch(7, 8)), next: batch(7), course: 'again' },
    { what: 'more from another leader', positions: after(batch(7)), next: batch(7, 8), course: 'again' },
    { what: 'a jump forward', positions: after(batch(7, 8)), next: batch(20), course: 'elsewhere' },
    { what: 'a jump back', positions: after(batch(0), batch(1)), next: batch(0), course: 'elsewhere' },
  ])('know $what', ({ positions, next, course }) => {
    expect(positions.courseOf(next)).toBe(course);
  });

  it('know a jump back to where the last batch began, as in a topic that was made anew', () => {
    const positions = after(batch(0, 1));
    positions.moving();
    expect(positions.courseOf(batch(2))).toBe('on');
    expect(positions.courseOf(batch(0))).toBe('elsewhere');
  });

  it('doubt a batch of markers after a seek until something has come from there', () => {
    const positions = after(batch(7, 8));
    expect(positions.isDoubtful(P0, '9')).toBe(false);
    positions.sought(P0, 3);
    expect([positions.isDoubtful(P0, '9'), positions.isDoubtful(P0, '3')]).toEqual([true, false]);
    expect(positions.courseOf(batch(3))).toBe('on');
    positions.passed(P0, '4', '3');
    expect(positions.isDoubtful(P0, '9')).toBe(false);
  });

  it('know whether a batch that was fetched again holds more than before', () => {
    const positions = after(batch(7, 8));
    expect(positions.holdsNothingNew(batch(7, 8))).toBe(true);
    expect(positions.holdsNothingNew(batch(7, 9))).toBe(false);
  });

  it('go on after markers', () => {
    const positions = after(batch(7));
    positions.passed(P0, '8');
    expect(positions.courseOf(batch(9))).toBe('on');
  });

  it('forget a partition that was sought in, and all at an assignment', () => {
    const positions = after(batch(7));
    positions.sought(P0, 0);
    expect(positions.courseOf(batch(3))).toBe('on');
    positions.passed(P0, '3', '3');
    positions.forgetAll();
    expect(positions.courseOf(batch(9))).toBe('on');
  });
});
