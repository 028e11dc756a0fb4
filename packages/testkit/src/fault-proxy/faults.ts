import type { FrameFault } from './frame-faults.js';

/** Which bytes a half-open connection loses. */
export type Direction = 'to-server' | 'to-client' | 'both';

/** What a proxy does to the bytes that pass; its links read it for every chunk. */
export interface Faults {
  /** In ms, for each direction. */
  delay: number;
  swallow: Direction | undefined;
  /** Of answers on their way to the client. */
  spoil: FrameFault | undefined;
}
