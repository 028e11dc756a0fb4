/** ms since 1970, by a clock that is not set while the process lives. */
export const timeOfDay = (): number => Math.trunc(performance.timeOrigin + performance.now());
