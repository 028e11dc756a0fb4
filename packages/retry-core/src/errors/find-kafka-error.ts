import { type KafkaErrorCode, kafkaErrorRows } from './kafka-error-code.js';
import { ALIASES } from './kafka-error-codes.generated.js';

/** Longer than any name; a longer text is not looked up. */
const MAX_NAME_LENGTH = 100;

interface Index {
  readonly byCode: ReadonlyMap<number, KafkaErrorCode>;
  readonly byName: ReadonlyMap<string, KafkaErrorCode>;
}

let index: Index | undefined;

/**
 * Finds a row of the table by its number (also as text), or by a name in any case: Apache Kafka's
 * (`NOT_LEADER_OR_FOLLOWER`), kafkajs's `type` (`NOT_LEADER_FOR_PARTITION`), librdkafka's (`_TRANSPORT`) or node-rdkafka's
 * (`ERR__TRANSPORT`). librdkafka's own names are found without the underscore as well, where no other code has that name.
 */
export function findKafkaError(codeOrName: number | string): KafkaErrorCode | undefined {
  index ??= buildIndex();
  if (typeof codeOrName === 'number') return index.byCode.get(codeOrName);
  if (typeof codeOrName !== 'string' || codeOrName.length > MAX_NAME_LENGTH) return undefined;
  const text = codeOrName.trim();
  if (/^-?\d+$/.test(text)) return index.byCode.get(Number(text));
  const name = text.toUpperCase().replace(/^(RD_KAFKA_RESP_)?ERR_/, '');
  return index.byName.get(name) ?? index.byName.get(`_${name}`);
}

function buildIndex(): Index {
  const rows = kafkaErrorRows();
  const byCode = new Map(rows.map((row) => [row.code, row]));
  const byName = new Map<string, KafkaErrorCode>();
  for (const alias of ALIASES.split('|')) {
    const [code, words = ''] = alias.split(':');
    const row = byCode.get(Number(code));
    if (row) byName.set(words.replaceAll(' ', '_').toUpperCase(), row);
  }
  for (const row of rows) byName.set(row.name, row);
  return { byCode, byName };
}
