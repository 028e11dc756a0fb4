import { type ClientFacts, CODES, codeOf } from '@velo/librdkafka';

/** What node-rdkafka does otherwise than librdkafka's other clients. */
export const FACTS: ClientFacts = {
  name: 'node-rdkafka',
  remedy:
    "Pass them in one object: createVelo({ 'bootstrap.servers': 'kafka1:9092,kafka2:9092' }); a client of kafkajs goes to createVelo of @velo/kafkajs.",
  capabilities: { binaryHeaders: false, nullHeaders: false, offsetMetadata: false },
  asksForTokens: false,

  /** It writes headers as text that ends at a NUL, and a null as the text "null". */
  headerValue(value) {
    const text = Buffer.isBuffer(value) ? value.toString() : value;
    return text?.includes('\0') ? undefined : (text ?? undefined);
  },

  /** librdkafka says it only to whoever would commit what it has stored. */
  isAssignmentLost(consumer) {
    try {
      consumer.commitSync(null);
      return false;
    } catch (error) {
      return codeOf(error) === CODES.ASSIGNMENT_LOST;
    }
  },

  // They carry no metadata: a consumer's answer will do.
};
