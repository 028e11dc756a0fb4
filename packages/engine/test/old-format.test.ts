import { describe, expect, it } from 'vitest';
import { isOfOldFormat } from '../src/binding/old-format.js';

const UNKNOWN = -1;

describe('records with headers, refused by an unknown error', () => {
  it.each([
    { format: '0.8.2', old: true },
    { format: '0.9.0', old: true },
    { format: '0.10.2-IV0', old: true },
    { format: '0.11.0-IV2', old: false },
    { format: '2.8-IV1', old: false },
    { format: '10.8', old: false },
    { format: '', old: false },
    { format: null, old: false },
    { format: undefined, old: false },
  ])('are refused for their headers where the format is $format: $old', async ({ format, old }) => {
    const asked: string[] = [];
    const ask = async (setting: string) => {
      asked.push(setting);
      return format;
    };
    expect(await isOfOldFormat(UNKNOWN, ask)).toBe(old);
    expect(asked).toEqual(['message.format.version']);
  });

  it('may be refused for anything where nobody may ask', async () => {
    expect(
      await isOfOldFormat(UNKNOWN, () => Promise.reject(new Error('CLUSTER_AUTHORIZATION_FAILED'))),
    ).toBe(false);
  });
});

it.each([undefined, 0, 2, 7])(
  'a refusal by code %s is not for the headers, and nobody is asked',
  async (code) => {
    const ask = () => {
      throw new Error('asked');
    };
    expect(await isOfOldFormat(code, ask)).toBe(false);
  },
);
