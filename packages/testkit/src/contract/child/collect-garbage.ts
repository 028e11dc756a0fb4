/**
 * All of it, at once. Twice, since V8 sweeps what buffers held beside the program, and counts it as `external` until the next
 * collection begins: 50 MB of 54 at times. Needs `--expose-gc`.
 */
export function collectGarbage(): void {
  const { gc } = globalThis as { gc?: () => void };
  gc?.();
  gc?.();
}
