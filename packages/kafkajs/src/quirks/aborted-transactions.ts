import type { DecodedMessage } from './record-batch.js';

/** A transaction that was undone, as an answer to a fetch tells it: all of the producer's from there to its marker. */
export interface AbortedTransaction {
  readonly producerId: string;
  readonly firstOffset: string;
}

/** An answer for one partition, as kafkajs passes it on to its consumer. */
export interface FetchedPartition {
  messages: readonly unknown[];
  abortedTransactions?: readonly AbortedTransaction[] | null;
}

/** What kafkajs takes for undone: a producer that no broker has given an id. */
const UNDONE: AbortedTransaction = { producerId: 'undone', firstOffset: '0' };
/** Of a control record's key: its version, then its type. */
const TYPE_AT = 2;
const ABORT = 0;

/**
 * Makes kafkajs pass over exactly the records of transactions that were undone. By itself it shows some of them, and may pass
 * over records of the same producer that were committed: it begins with one transaction a record at the most, in the order in
 * which brokers name them, which is that of their ends; and it takes each record with the key 00 00 00 00 for the end of one. So here they are found as Kafka's own consumer finds
 * them, and all get one producer that kafkajs knows to be undone, and no key.
 *
 * Shown by `aborted-transactions.test.ts`.
 */
export function hideUndone(partition: FetchedPartition, messages: readonly DecodedMessage[]): void {
  const aborted = partition.abortedTransactions ?? [];
  if (aborted.length === 0) {
    partition.messages = messages;
    return;
  }
  const undone = undoneOf(messages, aborted);
  partition.messages = messages.map((message) => (undone.has(message) ? hidden(message) : message));
  partition.abortedTransactions = [UNDONE];
}

/** The records of these transactions, in one go through a partition's answer. */
export function undoneOf(
  messages: readonly DecodedMessage[],
  aborted: readonly AbortedTransaction[],
): ReadonlySet<DecodedMessage> {
  const left = [...aborted].sort((a, b) => Number(a.firstOffset) - Number(b.firstOffset));
  const undone = new Set<DecodedMessage>();
  const open = new Set<string>();
  let next = 0;
  for (const message of messages) {
    const { producerId, inTransaction } = message.batchContext;
    while (next < left.length && Number(left[next]?.firstOffset) <= Number(message.offset))
      open.add((left[next++] as AbortedTransaction).producerId);
    if (!open.has(producerId)) continue;
    if (isAbortMarker(message)) open.delete(producerId);
    else if (inTransaction && !message.isControlRecord) undone.add(message);
  }
  return undone;
}

function hidden(message: DecodedMessage): DecodedMessage {
  return { ...message, key: null, batchContext: { producerId: UNDONE.producerId, inTransaction: true } };
}

function isAbortMarker({ isControlRecord, key }: DecodedMessage): boolean {
  return isControlRecord && key !== null && key.length >= TYPE_AT + 2 && key.readInt16BE(TYPE_AT) === ABORT;
}
