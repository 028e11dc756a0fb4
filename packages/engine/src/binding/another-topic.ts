/** Whether both ids are known, and belong to two topics that have had one name. */
export function isAnotherTopic(before: string | undefined, now: string | undefined): boolean {
  return before !== undefined && now !== undefined && before !== now;
}
