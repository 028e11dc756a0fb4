import { type KafkaErrorCode, kafkaErrorRows } from './kafka-error-code.js';

/** The whole table, by ascending code. Dropped by a bundler where it is not used; the look-ups do without it. */
export const kafkaErrorCodes: readonly KafkaErrorCode[] = /* @__PURE__ */ kafkaErrorRows();
