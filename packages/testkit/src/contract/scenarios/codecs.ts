import { expect } from 'vitest';
import type { ScenarioGroup } from '../scenario.js';

/** Kafka's name for `compression.type`, and what people call it. */
const CODECS = ['snappy', 'lz4', 'zstd'] as const;

export const codecs: ScenarioGroup = {
  name: 'a compressed topic',
  scenarios: CODECS.flatMap((codec) => [
    {
      name: `in ${codec} is read`,
      on: 'kafka' as const,
      needs: ({ capabilities: { lacksCodecs = [] } }) => !lacksCodecs.includes(codec),
      run: async (world) => {
        const topic = await world.topic(1, { 'compression.type': codec });
        await world.write(topic, 'a', 'b');
        const member = await world.joined({ topics: [topic] });
        await member.untilHandled('a', 'b');
      },
    },
    {
      name: `in ${codec}, which the client lacks, ends with what to do about it, and loses nothing`,
      on: 'kafka' as const,
      needs: ({ capabilities: { lacksCodecs = [] } }) => lacksCodecs.includes(codec),
      run: async (world) => {
        const topic = await world.topic(1, { 'compression.type': codec });
        const member = await world.joined({ topics: [topic] });
        await world.write(topic, 'a', 'b');
        await member.untilTold('stopped');
        const { state, error } = member.consumer.health();
        expect({ state, error }).toMatchObject({ state: 'dead', error: { code: 'VELO_NOT_SUPPORTED' } });
        const [{ explanation = '' } = {}] = member.told('dead');
        expect(explanation).toMatch(new RegExp(codec, 'i'));
        expect(explanation).toContain(topic);
        expect(explanation).toMatch(/what to do/i);
        expect(explanation).not.toMatch(/bootstrap/);
        expect(member.tried).toEqual([]);
        // No restart would have helped.
        expect(member.told('crashed')).toEqual([]);
        expect(await world.committed(topic)).toBe(0);
      },
    },
  ]),
};
