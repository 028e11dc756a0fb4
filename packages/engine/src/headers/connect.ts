import { MAX_GROUP, MAX_TOPIC } from './bounds.js';
import { decimal, offsetOf, partitionOf, text } from './header-values.js';
import type { HeaderProfile } from './profile.js';

const PREFIX = '__connect.errors.';

/**
 * Kafka Connect's (DeadLetterQueueReporter), all text. What velo does not have stands for the nearest: the group for
 * the connector, task 0, and of Connect's stages the converter for a failed decode, the sink for a failed handler.
 */
export const connectHeaders: HeaderProfile = {
  name: 'connect',
  binary: false,
  owns: (name) => name.startsWith(PREFIX),
  write: ({ topic, partition, offset, group, error }) => [
    [`${PREFIX}topic`, topic],
    [`${PREFIX}partition`, partition],
    [`${PREFIX}offset`, offset],
    [`${PREFIX}connector.name`, group],
    [`${PREFIX}task.id`, 0],
    [`${PREFIX}stage`, error.stage === 'decode' ? 'VALUE_CONVERTER' : 'TASK_PUT'],
    [`${PREFIX}class.name`, `velo.${error.stage}`],
    [`${PREFIX}exception.class.name`, error.name],
    [`${PREFIX}exception.message`, error.message],
    [`${PREFIX}exception.stacktrace`, error.stack],
  ],
  read: (headers) => ({
    topic: text(headers.get(`${PREFIX}topic`), MAX_TOPIC),
    partition: partitionOf(decimal(headers.get(`${PREFIX}partition`))),
    offset: offsetOf(decimal(headers.get(`${PREFIX}offset`))),
    group: text(headers.get(`${PREFIX}connector.name`), MAX_GROUP),
  }),
  errorHeaders: () => ({
    name: `${PREFIX}exception.class.name`,
    message: `${PREFIX}exception.message`,
    stack: `${PREFIX}exception.stacktrace`,
  }),
};
