const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1e3, m: 6e4, h: 36e5, d: 864e5 };

/** "Parse every time", as the specification has it before its cache. */
export function parseByExpression(text: string): number | undefined {
  const match = /^\s*(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)?\s*$/i.exec(text);
  if (match === null) return undefined;
  return Number(match[1]) * (UNITS[(match[2] ?? 's').toLowerCase()] as number);
}
