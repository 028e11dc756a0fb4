import type { Scene, Survey } from './survey.js';
import { Tally } from './tally.js';
import type { DeadLetter, DeadLetterStatus, DeadLetterSummary } from './types.js';

/** Counts dead letters as they come. */
export async function summarize(
  letters: AsyncIterable<DeadLetter>,
  { groupId, clock }: Scene,
  { topics }: Survey,
): Promise<DeadLetterSummary> {
  const at = clock.wallTime();
  const tally = new Tally(at);
  const counts = new Map(topics.map(({ topic }) => [topic, { open: 0, replayed: 0, discarded: 0 }]));
  for await (const letter of letters) {
    const count: Record<DeadLetterStatus, number> | undefined = counts.get(letter.topic);
    if (count !== undefined) count[letter.status]++;
    if (letter.status === 'open') tally.add(letter);
  }
  const told = [...counts].map(([topic, count]) => {
    const groups = tally.groups(topic);
    return {
      topic,
      ...count,
      oldest: groups.length === 0 ? undefined : Math.min(...groups.map(({ oldest }) => oldest)),
      lastHour: groups.reduce((sum, { lastHour }) => sum + lastHour, 0),
      groups,
    };
  });
  return { groupId, at, open: told.reduce((sum, { open }) => sum + open, 0), topics: told };
}
