import { foreignText, nearest, VeloError } from '@velo/retry-core';
import { CODES, LibrdKafkaError } from '../errors/codes.js';
import { PROPERTY_NAMES } from './property-names.js';

/** A configuration that no client can be made with. Its cause is an INVALID_ARG of librdkafka's: a person must mend it. */
export function refusedConfig(reason: string, cause?: unknown): VeloError {
  const refused = new LibrdKafkaError(CODES.INVALID_ARG, reason, { cause });
  return new VeloError(
    'VELO_INVALID_OPTION',
    `librdkafka refuses the configuration: ${foreignText(reason)}.${meantProperty(reason)} No client was made with it, and nothing was read or written.`,
    { cause: refused },
  );
}

/** librdkafka says which property it does not know, and no more. */
function meantProperty(reason: string): string {
  const [, name] = /No such configuration property: "([^"]*)"/.exec(reason) ?? [];
  return name === undefined ? '' : ` Did you mean "${nearest(name, PROPERTY_NAMES)}"?`;
}
