import type { Attributes } from '@opentelemetry/api';
import type { AttemptContextFacts, KafkaRecord } from '@velo/engine';
import * as names from './conventions.js';

/** Of an attempt at a record, or at a batch by its first one. */
export function processAttributes({ topic, partition }: KafkaRecord, groupId: string): Attributes {
  return {
    [names.SYSTEM]: names.KAFKA,
    [names.OPERATION_NAME]: 'process',
    [names.OPERATION_TYPE]: 'process',
    [names.DESTINATION_NAME]: topic,
    [names.PARTITION_ID]: String(partition),
    [names.CONSUMER_GROUP_NAME]: groupId,
  };
}

/** Of one record, also as a link of its batch's span. */
export function messageAttributes({
  record,
  id,
  attempt,
  totalAttempts,
  tier,
}: AttemptContextFacts): Attributes {
  const attributes: Attributes = {
    [names.OFFSET]: Number(record.offset),
    [names.RECORD_ID]: id,
    [names.ATTEMPT]: attempt,
    [names.TOTAL_ATTEMPTS]: totalAttempts,
    [names.TIER]: tier,
  };
  if (record.value === null) attributes[names.TOMBSTONE] = true;
  else attributes[names.BODY_SIZE] = record.value.length;
  return attributes;
}

/** Of a send to one topic. */
export function sendAttributes(topic: string): Attributes {
  return {
    [names.SYSTEM]: names.KAFKA,
    [names.OPERATION_NAME]: 'send',
    [names.OPERATION_TYPE]: 'send',
    [names.DESTINATION_NAME]: topic,
  };
}
