import type { Attributes } from '@opentelemetry/api';
import type { OperationObserver } from '@velo/engine';
import * as names from './conventions.js';
import type { Telemetry } from './telemetry.js';

const TYPES = { send: 'send', transact: 'send', commit: 'settle' } as const;

/** @param of attributes that all of them have */
export function observeOperations(
  of: Attributes,
  { instruments, errorTypes, partitions }: Telemetry,
): Required<OperationObserver> {
  return {
    operation: ({ name, topic, partition, count, duration, error }) => {
      const attributes: Attributes = {
        ...of,
        [names.SYSTEM]: names.KAFKA,
        [names.OPERATION_NAME]: name,
        [names.OPERATION_TYPE]: TYPES[name],
      };
      if (topic !== undefined) attributes[names.DESTINATION_NAME] = topic;
      if (partitions && partition !== undefined) attributes[names.PARTITION_ID] = String(partition);
      if (error !== undefined) attributes[names.ERROR_TYPE] = errorTypes.of(error);
      instruments.operationDuration.record(duration / 1_000, attributes);
      if (name !== 'commit') instruments.sent.add(count, attributes);
    },
  };
}
