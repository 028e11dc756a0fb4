/** What all transactional ids of a group begin with, for permissions by prefix; `undefined` where it has none. */
export function transactionalIdPrefix({
  handOff,
  groupId,
}: {
  readonly handOff: 'at-least-once' | 'transactional';
  readonly groupId: string;
}): string | undefined {
  return handOff === 'transactional' ? prefixOf(groupId) : undefined;
}

/** The id of the transactions for one partition of a group. Injective, since a topic's name holds no slash. */
export function transactionalId(groupId: string, topic: string, partition: number): string {
  return `${prefixOf(groupId)}${topic}/${partition}`;
}

/** The id of the transactions of one member; `unique` is the name of nobody else. */
export function memberTransactionalId(groupId: string, unique: string): string {
  return `${prefixOf(groupId)}member/${unique}`;
}

function prefixOf(groupId: string): string {
  return `velo/${groupId}/`;
}
