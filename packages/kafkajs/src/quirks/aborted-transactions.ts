import type { DecodedMessage } from './record-batch.js';

/**
 * An aborted transaction, as an answer to a fetch lists it: all of the producer's records from there to its abort
 * marker.
 */
export interface AbortedTransaction {
  readonly producerId: string;
  readonly firstOffset: string;
}

/** An answer for one partition, as kafkajs passes it on to its consumer. */
export interface FetchedPartition {
  messages: readonly unknown[];
  abortedTransactions?: readonly AbortedTransaction[] | null;
}

/** A producer whose records kafkajs drops: none that a broker has given an id. */
const UNDONE: AbortedTransaction = { producerId: 'undone', firstOffset: '0' };
/** Where the type stands in a control record's key, behind its version. */
const TYPE_AT = 2;
const ABORT = 0;

/**
 * Makes kafkajs pass over the records of aborted transactions, and no others. By itself it shows some of them, and
 * may pass over committed records of the same producer: it takes up at most one aborted transaction with each record,
 * in the brokers' order, which is that of their ends; and it takes each record with the key 00 00 00 00 for the end
 * of one. So the aborted records are found here as Kafka's own consumer finds them. All of them get one producer that
 * kafkajs knows to be aborted, and no key.
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
