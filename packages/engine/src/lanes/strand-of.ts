import { keyText } from '../binding/key-text.js';
import type { KafkaRecord } from '../binding/record.js';
import type { HandlingOrder } from '../plan/config.js';

/** The strand of a lane that has one only. */
const WHOLE = '';

/** `undefined`: it waits for nothing, and nothing waits for it. */
export function strandOf({ key }: KafkaRecord, order: HandlingOrder): string | undefined {
  if (order === 'partition') return WHOLE;
  return order === 'none' || key === null ? undefined : keyText(key);
}
