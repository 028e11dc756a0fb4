// Shown by test/configuration.test.ts.
import type { VeloError } from '@velo/retry-core';
import type { RdKafkaClient } from '../api.js';
import { withoutSource } from '../errors/log-line.js';
import { refusedConfig } from '../properties/refused-config.js';

/** What librdkafka says where the machine, not the configuration, keeps it from making a client. */
const NO_RESOURCES = /Failed to create .*thread/;

/**
 * Whether properties fit each other, and whether the files that they name can be read, librdkafka says only when it makes
 * a client: at the connect, before it looks for a broker. Its clients cut its words where they make an error of them, and
 * give a consumer's no code that tells it from another failure; so velo listens where they pass.
 *
 * @returns what tells the refusal, once the connect has failed; `undefined` if it has failed for another reason
 */
export function hearRefusal(client: RdKafkaClient): () => VeloError | undefined {
  const native = client.getClient?.();
  const connect = native?.connect;
  let words: string | undefined;
  if (native !== undefined && connect !== undefined) {
    native.connect = (callback) =>
      connect.call(native, (error, info) => {
        if (error) words = withoutSource(error.message);
        callback(error, info);
      });
  }
  return () => (words === undefined || NO_RESOURCES.test(words) ? undefined : refusedConfig(words));
}
