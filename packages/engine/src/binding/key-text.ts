/** A key as a text. Each byte is one character, so that different keys are different texts. */
export function keyText(key: Buffer): string {
  return key.toString('latin1');
}
