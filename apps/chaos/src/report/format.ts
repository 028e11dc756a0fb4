const COUNT = new Intl.NumberFormat('en-US');

/** `50000` as `50,000`. */
export function formatCount(value: number): string {
  return COUNT.format(value);
}

/** `5.2 s` */
export function formatSeconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
