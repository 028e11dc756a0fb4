import type { OffsetRange } from '@velo/engine';

/**
 * librdkafka asks for both ends of a log at once, and where both answers come together, the second one takes the place of the
 * first one's error: it tells the log's end as its beginning, too, and whoever believes it passes over all that lies between. A
 * leader does so that has just come to its place: it refuses one question and answers the next. An empty log looks the
 * same, so where there seems to be one it is asked again: no leader comes twice.
 *
 * Shown by "are never of one answer alone" of the binding suite, on the embedded broker.
 */
export async function bothEnds(ask: () => Promise<OffsetRange>): Promise<OffsetRange> {
  const told = await ask();
  return told.earliest === told.latest ? ask() : told;
}
