/** Elements of a list that are looked at. */
const MAX_ELEMENTS = 16;
/** Some 77 digits: to write a larger one out takes time that grows with the square of its digits. */
const LARGE = /* @__PURE__ */ 2n ** 256n;

/**
 * `String(value)`, or the type where that throws. Of a list only the head: `String` writes out every element, of lists
 * within lists too, so that a few short ones make a text without end. Never throws.
 */
export function asText(value: unknown): string {
  try {
    if (Array.isArray(value)) {
      const head = value.slice(0, MAX_ELEMENTS).map(ofElement).join();
      return value.length > MAX_ELEMENTS ? `${head},… (${value.length} elements)` : head;
    }
    if (ArrayBuffer.isView(value)) return `${value.byteLength} bytes`;
    if (typeof value === 'bigint' && (value > LARGE || value < -LARGE)) return 'a large bigint';
    return String(value);
  } catch {
    return typeof value;
  }
}

function ofElement(value: unknown): string {
  return typeof value === 'object' || typeof value === 'function' ? typeof value : asText(value);
}
