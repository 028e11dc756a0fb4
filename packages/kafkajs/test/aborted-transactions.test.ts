import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  type AbortedTransaction,
  type FetchedPartition,
  hideUndone,
} from '../src/quirks/aborted-transactions.js';
import type { DecodedMessage } from '../src/quirks/record-batch.js';
import { requireBare } from './support.js';

type Filter = (given: {
  messages: readonly DecodedMessage[];
  abortedTransactions: readonly AbortedTransaction[];
}) => DecodedMessage[];

const bare: Filter = requireBare('kafkajs/src/consumer/filterAbortedMessages');

/** As kafkajs's consumer shows them, markers left out. */
const shown = (messages: readonly DecodedMessage[], abortedTransactions: readonly AbortedTransaction[]) =>
  bare({ messages, abortedTransactions })
    .filter(({ isControlRecord }) => !isControlRecord)
    .map(({ offset }) => Number(offset));

function shownByUs(messages: readonly DecodedMessage[], abortedTransactions: readonly AbortedTransaction[]) {
  const partition: FetchedPartition = { messages: [], abortedTransactions };
  hideUndone(partition, messages);
  return shown(partition.messages as DecodedMessage[], partition.abortedTransactions ?? []);
}

const MARKERS = { abort: Buffer.of(0, 0, 0, 0), commit: Buffer.of(0, 0, 0, 1) };

function message(offset: number, producer: number, given: Partial<DecodedMessage> = {}): DecodedMessage {
  return {
    offset: String(offset),
    timestamp: '1',
    key: null,
    value: null,
    headers: undefined,
    isControlRecord: false,
    batchContext: { producerId: String(producer), inTransaction: true },
    ...given,
  };
}

const marker = (offset: number, producer: number, how: keyof typeof MARKERS) =>
  message(offset, producer, { isControlRecord: true, key: MARKERS[how] });
const from = (producer: number, offset: number): AbortedTransaction => ({
  producerId: String(producer),
  firstOffset: String(offset),
});

it.each([
  {
    what: 'of two that end in another order than they have begun',
    log: [message(0, 1), message(1, 2), message(2, 1), marker(3, 2, 'abort'), marker(4, 1, 'abort')],
    aborted: [from(2, 1), from(1, 0)],
    left: [],
  },
  {
    what: 'of two that have begun before the first record of the answer',
    log: [message(10, 2), message(11, 1), marker(12, 1, 'abort'), marker(13, 2, 'abort'), message(14, 2)],
    aborted: [from(1, 3), from(2, 5)],
    left: [14],
  },
  {
    what: 'of one whose record has the key of a marker',
    log: [message(0, 1, { key: MARKERS.abort }), message(1, 1), marker(2, 1, 'abort')],
    aborted: [from(1, 0)],
    left: [],
  },
  {
    what: 'are told from later ones of the same producer: those',
    log: [
      message(0, 2),
      message(1, 1),
      marker(2, 1, 'abort'),
      message(3, 1),
      marker(4, 1, 'commit'),
      marker(5, 2, 'abort'),
    ],
    aborted: [from(1, 1), from(2, 0)],
    left: [3],
  },
])('records $what are passed over, and bare kafkajs is wrong there', ({ log, aborted, left }) => {
  expect(shownByUs(log, aborted)).toEqual(left);
  expect(shown(log, aborted)).not.toEqual(left);
});

it('a record with the key of a marker that was never undone is shown', () => {
  const log = [
    message(0, 1),
    message(1, 2, { key: MARKERS.abort }),
    marker(2, 2, 'commit'),
    marker(3, 1, 'abort'),
  ];
  expect(shownByUs(log, [from(1, 0)])).toEqual([1]);
});

it('without transactions that were undone, an answer stays as it is', () => {
  const partition: FetchedPartition = { messages: [], abortedTransactions: null };
  const log = [message(0, 1), marker(1, 1, 'commit')];
  hideUndone(partition, log);
  expect(partition).toEqual({ messages: log, abortedTransactions: null });
});

it('whatever producers do, what is shown is what was committed or had no transaction', () => {
  const step = fc.record({
    producer: fc.nat(3),
    do: fc.constantFrom('send', 'send', 'send', 'plain', 'abort', 'commit'),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40, size: 'max' }), fc.nat(10), (steps, skipped) => {
      const log: DecodedMessage[] = [];
      const open = new Map<number, number[]>();
      const ended: { transaction: AbortedTransaction; end: number }[] = [];
      const expected: number[] = [];
      const end = (producer: number, how: 'abort' | 'commit') => {
        const offsets = open.get(producer);
        if (offsets === undefined) return;
        open.delete(producer);
        if (how === 'commit') expected.push(...offsets);
        else ended.push({ transaction: from(producer, offsets[0] as number), end: log.length });
        log.push(marker(log.length, producer, how));
      };
      for (const { producer, do: what } of steps) {
        const offset = log.length;
        if (what === 'send') {
          open.set(producer, [...(open.get(producer) ?? []), offset]);
          log.push(message(offset, producer, offset % 3 === 0 ? { key: MARKERS.abort } : {}));
        } else if (what === 'plain') {
          expected.push(offset);
          log.push(message(offset, -1, { batchContext: { producerId: '-1', inTransaction: false } }));
        } else end(producer, what);
      }
      for (const producer of [...open.keys()]) end(producer, 'abort');
      // A broker names those that end at or behind the first record of the answer, by their ends.
      const answer = log.slice(skipped);
      const aborted = ended.filter((one) => one.end >= skipped).map(({ transaction }) => transaction);
      expect(shownByUs(answer, aborted)).toEqual(
        expected.filter((offset) => offset >= skipped).sort((a, b) => a - b),
      );
    }),
    { numRuns: 500 },
  );
});
