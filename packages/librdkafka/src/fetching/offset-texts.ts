const LAST_TWO_DIGITS = Array.from({ length: 100 }, (_, n) => String(n).padStart(2, '0'));

/**
 * Offsets as texts. Those of a fetch follow each other, so all but the last two digits are mostly the same: above 2^31, where V8
 * makes a text of a number slowly, it takes a fifth of the time.
 */
export class OffsetTexts {
  #hundreds = -1;
  #text = '';

  /** @param offset a whole number */
  of(offset: number): string {
    if (offset < 100) return String(offset);
    const hundreds = Math.floor(offset / 100);
    if (hundreds !== this.#hundreds) {
      this.#hundreds = hundreds;
      this.#text = String(hundreds);
    }
    return this.#text + LAST_TWO_DIGITS[offset - hundreds * 100];
  }
}
