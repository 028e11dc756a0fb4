interface Named {
  readonly name: string;
  readonly message: string;
}

/** Characters of a message that are told. */
const TOLD = 300;

/** What most of these errors have in common, and how many of them: those that differ in numbers alone are one. */
export function commonestError(errors: readonly Named[]): string {
  const groups = new Map<string, { count: number; readonly text: string }>();
  for (const { name, message } of errors) {
    const text = `${name}: ${message.slice(0, TOLD)}`;
    const key = text.replace(/\d+/g, '#');
    const group = groups.get(key) ?? { count: 0, text };
    group.count++;
    groups.set(key, group);
  }
  const [most] = [...groups.values()].sort((a, b) => b.count - a.count);
  return most === undefined ? 'none' : `${most.text} (${most.count} of ${errors.length})`;
}
