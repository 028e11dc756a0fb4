import type { KafkaRecord } from '../binding/record.js';
import type { HandlingOrder } from '../plan/config.js';

/** The strand of a lane that has one only. */
const WHOLE = '';

/** `undefined`: it waits for nothing, and nothing waits for it. */
export function strandOf({ key }: KafkaRecord, order: HandlingOrder): string | undefined {
  if (order === 'partition') return WHOLE;
  // Each byte is one character, so that different keys are different texts.
  return order === 'none' || key === null ? undefined : key.toString('latin1');
}
