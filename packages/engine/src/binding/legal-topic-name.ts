/** Kafka's limit on the length of a topic's name (org.apache.kafka.common.internals.Topic). */
export const MAX_NAME = 249;
export const ILLEGAL = /[^a-zA-Z0-9._-]/g;

/** Why a topic's name is illegal, as Kafka judges; `undefined` if it is legal. */
export function topicNameFault(name: string): string | undefined {
  if (name === '' || name === '.' || name === '..') return `the name '${name}' is not allowed`;
  if (name.length > MAX_NAME) return `it has ${name.length} characters, ${MAX_NAME} are allowed`;
  const illegal = name.match(ILLEGAL);
  return illegal ? `it holds '${illegal[0]}'; letters, digits, '.', '_' and '-' are allowed` : undefined;
}
