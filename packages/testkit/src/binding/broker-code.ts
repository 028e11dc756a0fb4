/** The broker's code, the first number down the causes: clients wrap what the broker said. */
export function brokerCode(error: unknown): number | undefined {
  const { code, cause } = error as { code?: unknown; cause?: unknown };
  if (typeof code === 'number') return code;
  return cause === undefined ? undefined : brokerCode(cause);
}
