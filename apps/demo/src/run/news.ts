import type { Logger } from '@velo/kafkajs';
import type { ConsumerNews } from '../films/film-events.js';
import type { Journal } from '../report/journal.js';

/** The same trouble is told again only after so long, ms. */
const REPEAT_AFTER = 5_000;

/** Tells what the consumer tells, but not everything as often as it does. */
export function consumerNews(journal: Journal, onDead: (explanation: string) => void): ConsumerNews {
  const waitingFor = new Set<string>();
  const told = new Map<string, number>();
  return {
    waiting: ({ topic, explanation }) => {
      if (waitingFor.has(topic)) return;
      waitingFor.add(topic);
      journal.note(`velo waits for the topic "${topic}", and says why:`);
      journal.quote(explanation);
    },
    trouble: (text) => {
      const last = told.get(text);
      if (last !== undefined && performance.now() - last < REPEAT_AFTER) return;
      told.set(text, performance.now());
      journal.note(text);
    },
    dead: onDead,
  };
}

/** velo's log, where it says more than its events. */
export function veloLogger(journal: Journal): Logger {
  return {
    info: () => {},
    warn: (message) => journal.quote(message),
    error: () => {},
  };
}
