/** Something the user can act on: shown as its message alone, never with a stack. */
export class DemoError extends Error {
  override readonly name = 'DemoError';

  constructor(
    message: string,
    /** The process's exit status. */
    readonly exitCode = 1,
  ) {
    super(message);
  }
}
