import type { HandlerContext, KafkaRecord } from '@velo/engine';
import { textOf } from './world.js';

/** Handlers that tell when two records of one partition run at once in one member. */
export class Overlaps {
  /** What ran at once. */
  readonly found: string[] = [];
  /** Values whose handler has ended. */
  readonly ended = new Set<string | null>();
  readonly #running = new Map<string, string>();

  /** @param member records of one partition may run in two members: the old owner's handler has been told to end */
  watch(member: string, handler: (record: KafkaRecord) => Promise<void>) {
    return async (record: KafkaRecord, _context: HandlerContext): Promise<void> => {
      const lane = `${member}: ${record.topic} ${record.partition}`;
      const other = this.#running.get(lane);
      if (other !== undefined) this.found.push(`${lane}, offsets ${other} and ${record.offset}`);
      this.#running.set(lane, record.offset);
      await handler(record);
      this.#running.delete(lane);
      this.ended.add(textOf(record));
    };
  }
}
