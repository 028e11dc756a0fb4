import { isVeloError } from '@velo/engine';
import { CompressionCodecs, CompressionTypes } from 'kafkajs';
import { describe, expect, it } from 'vitest';
import { tellMissingCodec } from '../src/fetching/missing-codec.js';

/** What kafkajs throws for a codec. */
function thrownFor(type: CompressionTypes): unknown {
  try {
    (CompressionCodecs as Record<CompressionTypes, () => unknown>)[type]();
  } catch (error) {
    return error;
  }
  return undefined;
}

const owned = [{ topic: 'orders', partition: 3 }];

describe('a codec that kafkajs lacks', () => {
  it.each([
    { type: CompressionTypes.Snappy, name: 'Snappy', source: 'kafkajs-snappy' },
    { type: CompressionTypes.LZ4, name: 'LZ4', source: 'kafkajs-lz4' },
    { type: CompressionTypes.ZSTD, name: 'ZSTD', source: '@kafkajs/zstd' },
  ])('$name is told with its topic and the remedy', ({ type, name, source }) => {
    const cause = thrownFor(type);
    const told = tellMissingCodec(Object.assign(new Error('wrapped'), { cause }), owned);
    expect(isVeloError(told, 'VELO_NOT_SUPPORTED')).toBe(true);
    const { message } = told as Error;
    expect(message).toContain(`cannot read ${name}, in which a batch of orders, partition 3,`);
    expect(message).toContain(`CompressionCodecs[CompressionTypes.${name}]`);
    expect(message).toContain(source);
  });

  it.each([
    { owned: [], place: 'of its partitions' },
    { owned: [...owned, { topic: 'orders', partition: 4 }], place: 'of orders is' },
    { owned: [...owned, { topic: 'refunds', partition: 0 }], place: 'one of its topics (orders, refunds)' },
  ])('names $place', ({ owned, place }) => {
    const { message } = tellMissingCodec(thrownFor(CompressionTypes.ZSTD), owned) as Error;
    expect(message).toContain(place);
  });

  it('is no other error', () => {
    const errors = [new Error('compression not implemented'), 'ZSTD compression not implemented', undefined];
    expect(errors.map((error) => tellMissingCodec(error, owned))).toEqual(errors);
  });
});
