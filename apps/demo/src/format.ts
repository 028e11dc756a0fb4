const COUNT = new Intl.NumberFormat('en-US');

/** `3201` as `3,201`. */
export function formatCount(value: number): string {
  return COUNT.format(value);
}

/** Milliseconds for people: `740 ms`, `3.2 s`, `1 min 5 s`. */
export function formatMs(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1_000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1_000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** Bytes for people: `12 B`, `706 kB`, `1.2 MB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  if (bytes < 1_000_000) return `${Math.round(bytes / 1_000)} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** A share of a total as `99.0 %`; of nothing, `-`. */
export function formatShare(part: number, total: number): string {
  return total === 0 ? '-' : `${((100 * part) / total).toFixed(1)} %`;
}

/** `1 film`, `2 films`. */
export function plural(value: number, noun: string): string {
  return `${formatCount(value)} ${noun}${value === 1 ? '' : 's'}`;
}

/** Text from outside, fit for one line of a terminal: control characters and direction marks become spaces, the length is bounded. */
export function printable(text: string, maxLength = 120): string {
  const clean = text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ').trim();
  return clean.length <= maxLength ? clean : `${clean.slice(0, maxLength - 1)}…`;
}

/** A tier's wait: `5 s`, `500 ms`. */
export function formatWait(ms: number): string {
  return ms % 1_000 === 0 ? `${ms / 1_000} s` : `${ms} ms`;
}

/**
 * Lines of at most `width` characters, broken at spaces; a longer word stays whole. What follows is indented as the
 * line's own beginning is, bullet included.
 */
export function wrap(text: string, width: number): string[] {
  return text.split('\n').flatMap((line) => {
    const indent = ' '.repeat(/^ *(- )?/.exec(line)?.[0].length ?? 0);
    const lines: string[] = [];
    let rest = line;
    while (rest.length > width) {
      const space = rest.lastIndexOf(' ', width);
      const end = space > indent.length ? space : rest.indexOf(' ', indent.length + 1);
      if (end === -1) break;
      lines.push(rest.slice(0, end));
      rest = indent + rest.slice(end + 1);
    }
    return [...lines, rest];
  });
}
