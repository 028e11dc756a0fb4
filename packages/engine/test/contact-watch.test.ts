import { expect, it } from 'vitest';
import type { OverdueAnswer } from '../src/binding/binding.js';
import { ContactWatch, type Silence } from '../src/observing/contact-watch.js';
import { VirtualClock } from './support/virtual-clock.js';

const owed = (broker: number, time: number): OverdueAnswer =>
  ({ from: `broker b:${broker}`, time, refused: false }) as OverdueAnswer;

it.each([
  { overdue: [owed(1, 6_000), owed(2, 9_000), owed(3, 7_000)] },
  { overdue: [owed(2, 9_000), owed(1, 6_000)] },
  { overdue: [owed(1, 4_000), owed(2, 9_000)] },
])(
  'of several brokers that do not answer, the one is named that has been silent for longest',
  async ({ overdue }) => {
    const clock = new VirtualClock();
    const told: (Silence | undefined)[] = [];
    const watch = new ContactWatch({
      contact: () => ({ sinceAnswer: 9_000, overdue }),
      ask: async () => {},
      onChange: (silence) => told.push(silence),
      onLost: () => {},
      clock,
    });
    watch.start();
    await clock.advance(1_000);
    expect(told).toMatchObject([{ from: 'broker b:2', time: 9_000 }]);
    watch.close();
  },
);
