import { type ErrorCategory, errorCategories } from '../error-category.js';
import { CODE_RUNS, KIND_OF_CODE, KINDS, ROWS } from './kafka-error-codes.generated.js';
import { type RecoveryAction, recoveryActions } from './recovery-action.js';

/**
 * The group of KIP-1050 ("Consistent error handling for Transactions") that an error belongs to, as in Apache Kafka 4.1
 * and later: the base class of its exception without "Exception". `Abortable` is TransactionAbortableException; `Other`
 * is what stands below none of the five (the KIP's plain KafkaException).
 *
 * librdkafka's own codes stand in no KIP: `Retriable` where it retries by itself, `ApplicationRecoverable` where it
 * declares the client unusable, else `Other`.
 */
export type KafkaErrorGroup =
  | 'Retriable'
  | 'RefreshRetriable'
  | 'Abortable'
  | 'ApplicationRecoverable'
  | 'InvalidConfiguration'
  | 'Other';

/** Every group, in the order of the generated table. */
export const kafkaErrorGroups: readonly KafkaErrorGroup[] = [
  'Retriable',
  'RefreshRetriable',
  'Abortable',
  'ApplicationRecoverable',
  'InvalidConfiguration',
  'Other',
];

/** A row of the one error table, `data/kafka-error-codes.tsv`. */
export interface KafkaErrorCode {
  /** The protocol's number (-1 and up), or librdkafka's own (-200 to -100). */
  readonly code: number;
  /** Apache Kafka's current name; for librdkafka's own codes librdkafka's, without `RD_KAFKA_RESP_ERR_`: `_TRANSPORT`. */
  readonly name: string;
  readonly category: ErrorCategory;
  /**
   * Apache Kafka's flag. For librdkafka's own codes: whether librdkafka repeats such a request by default
   * (`rd_kafka_err_action`). What velo does stands in `classifyKafkaError`.
   */
  readonly retriable: boolean;
  readonly group: KafkaErrorGroup;
  readonly action: RecoveryAction;
  /** What happened, for a person; at most 70 characters. */
  readonly description: string;
}

/** A row, with the text that librdkafka has for it. */
export interface KafkaErrorRow extends KafkaErrorCode {
  /** In lower case, without `Broker: ` or `Local: `; derived from the name where librdkafka has none. */
  readonly text: string;
}

let rows: readonly KafkaErrorRow[] | undefined;

/** The table, unpacked at the first call. */
export function kafkaErrorRows(): readonly KafkaErrorRow[] {
  rows ??= unpackRows();
  return rows;
}

/** The codes in the order of the table. */
export function codesOfTable(): number[] {
  return CODE_RUNS.flatMap(([first, count]) => Array.from({ length: count }, (_, index) => first + index));
}

/** Indexes into category, group and action of the entry at `index` of the table. */
export function kindAt(index: number): readonly [category: number, group: number, action: number] {
  const start = (KIND_OF_CODE.charCodeAt(index) - 65) * 4;
  return [Number(KINDS[start]), Number(KINDS[start + 1]), Number(KINDS[start + 2])];
}

function unpackRows(): readonly KafkaErrorRow[] {
  const packed = ROWS.split('\n');
  return codesOfTable().map((code, index) => {
    const [words = '', text, description] = (packed[index] ?? '').split('|');
    const [category, group, action] = kindAt(index);
    const ownText = text || words.trimStart();
    return Object.freeze({
      code,
      name: words.replaceAll(' ', '_').toUpperCase(),
      category: errorCategories[category] as ErrorCategory,
      retriable: group < 2,
      group: kafkaErrorGroups[group] as KafkaErrorGroup,
      action: recoveryActions[action] as RecoveryAction,
      description: capitalize(description || ownText),
      text: ownText.toLowerCase(),
    });
  });
}

function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
