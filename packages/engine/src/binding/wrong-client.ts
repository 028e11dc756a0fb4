import { foreignText, readProperty, show, VeloError } from '@velo/retry-core';

/** The names that are told of an object. */
const NAMED = 3;

/**
 * For what is given in place of a client, or of its configuration.
 *
 * @param expected such as ``expects `new Kafka({ … })` of kafkajs``
 * @param remedy a sentence
 */
export function wrongClient(expected: string, given: unknown, remedy: string): VeloError {
  return new VeloError(
    'VELO_INVALID_OPTION',
    `createVelo() expects ${expected}, got ${describe(given)}. Nothing has connected. ${remedy}`,
  );
}

/** Whether it has the methods of kafkajs's `Kafka`, as Confluent's own `Kafka` has. */
export function looksLikeKafkaJs(given: unknown): boolean {
  return ['consumer', 'producer', 'admin'].every((name) => typeof readProperty(given, name) === 'function');
}

/** What it is, and never what stands in it: that may be secret. */
function describe(given: unknown): string {
  if (typeof given === 'function') return 'a function or a class';
  if (Array.isArray(given)) return 'an array';
  if (typeof given !== 'object' || given === null) return typeof given === 'string' ? 'a text' : show(given);
  const names = Object.keys(given).slice(0, NAMED);
  if (names.length > 0)
    return `an object with ${names.map((name) => `\`${foreignText(name, 80)}\``).join(', ')}`;
  if (looksLikeKafkaJs(given)) return 'a client with `consumer()`, `producer()` and `admin()`';
  const name = readProperty(readProperty(given, 'constructor'), 'name');
  return typeof name === 'string' && name !== 'Object' ? `a ${foreignText(name, 80)}` : 'an empty object';
}
