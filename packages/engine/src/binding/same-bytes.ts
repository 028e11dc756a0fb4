/** Whether two keys, values or header values are the same; null is the same as null alone. */
export function sameBytes(one: Buffer | null, other: Buffer | null): boolean {
  return one === null || other === null ? one === other : one.equals(other);
}
