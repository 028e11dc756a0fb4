/** Whether a character code is ASCII white space: space, or tab to carriage return. */
function isSpace(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13);
}

/** Milliseconds in one unit, in lower case; 0 for what is no unit. */
function unitMilliseconds(unit: string): number {
  switch (unit) {
    case '':
    case 's':
    case 'sec':
    case 'secs':
    case 'second':
    case 'seconds':
      return 1e3;
    case 'ms':
    case 'milli':
    case 'millis':
    case 'millisecond':
    case 'milliseconds':
      return 1;
    case 'm':
    case 'min':
    case 'mins':
    case 'minute':
    case 'minutes':
      return 6e4;
    case 'h':
    case 'hr':
    case 'hrs':
    case 'hour':
    case 'hours':
      return 36e5;
    case 'd':
    case 'day':
    case 'days':
      return 864e5;
    default:
      return 0;
  }
}

/**
 * Milliseconds of one text, by one pass over its characters; `undefined` for anything invalid. The grammar stands
 * at `parseDuration`, which adds the cache.
 */
export function scanDuration(text: string): number | undefined {
  let end = text.length;
  let at = 0;
  while (at < end && isSpace(text.charCodeAt(at))) at++;
  while (end > at && isSpace(text.charCodeAt(end - 1))) end--;

  const start = at;
  let whole = 0;
  let dot = -1;
  for (; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code >= 48 && code <= 57) whole = whole * 10 + (code - 48);
    else if (code === 46 && dot < 0) dot = at;
    else break;
  }
  const numberEnd = at;
  // Neither nothing at all nor a dot alone is a number.
  if (numberEnd - start < (dot < 0 ? 1 : 2)) return undefined;

  while (at < end && isSpace(text.charCodeAt(at))) at++;
  const unit = unitMilliseconds(text.slice(at, end).toLowerCase());
  if (unit === 0) return undefined;
  const value = dot < 0 ? whole * unit : scaled(text.slice(start, numberEnd), unit);
  return value <= Number.MAX_SAFE_INTEGER ? value : undefined;
}

/**
 * A decimal fraction times `unit`. The powers of ten go into the text, where they are exact: `1.001 * 1000` is
 * 1000.9999999999999, `Number('1.001e3')` is 1001.
 */
function scaled(decimal: string, unit: number): number {
  let exponent = 0;
  let factor = unit;
  for (; factor % 10 === 0; factor /= 10) exponent++;
  return Number(`${decimal}e${exponent}`) * factor;
}
