import { ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { PermanentError, watchRejection } from '@velo/retry-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hostileValues } from '../../retry-core/test/support/hostile-values.js';
import { ErrorTypes } from '../src/error-types.js';
import { Propagation } from '../src/propagation.js';
import { readSpan, writeSpan } from '../src/trace-headers.js';

describe('the type of an error', () => {
  class OutOfStock extends Error {
    override readonly name = 'OutOfStock';
  }
  it.each([
    { what: "Kafka's name", error: kafkaError(6), type: 'NOT_LEADER_OR_FOLLOWER' },
    { what: "velo's code", error: new PermanentError('x'), type: 'VELO_PERMANENT' },
    {
      what: 'the code of Node’s',
      error: Object.assign(new Error('x'), { code: 'ECONNRESET' }),
      type: 'ECONNRESET',
    },
    { what: 'its class', error: new OutOfStock('x'), type: 'OutOfStock' },
    { what: 'nothing that may be of one record', error: named('order 4711 failed'), type: '_OTHER' },
    { what: 'nothing that is long', error: named('x'.repeat(65)), type: '_OTHER' },
    { what: 'nothing of what is no error', error: 'order 4711', type: '_OTHER' },
  ])('is $what', ({ error, type }) => {
    expect(new ErrorTypes().of(error)).toBe(type);
  });

  it.each(Object.entries(hostileValues))('of %s is a name', (_, make) => {
    const error = (make as () => unknown)();
    watchRejection(error);
    expect(new ErrorTypes().of(error)).toMatch(/^[\w$.]{1,64}$/);
  });

  it('is one of 100 at the most', () => {
    const types = new ErrorTypes();
    const told = new Set(Array.from({ length: 500 }, (_, i) => types.of(named(`Error${i}`))));
    expect(told.size).toBe(101);
    expect(types.of(named('Error7'))).toBe('Error7');
    expect(types.of(named('Error499'))).toBe('_OTHER');
  });
});

describe('a span in a header', () => {
  const hex = (length: number) =>
    fc.stringMatching(new RegExp(`^[0-9a-f]{${length}}$`)).filter((text) => /[^0]/.test(text));

  it('is read as it was written', () => {
    fc.assert(
      fc.property(hex(32), hex(16), fc.integer({ min: 0, max: 255 }), (traceId, spanId, traceFlags) => {
        const text = writeSpan({ traceId, spanId, traceFlags });
        expect(readSpan(Buffer.from(text))).toEqual({ traceId, spanId, traceFlags, isRemote: true });
      }),
    );
  });

  it('is none, whatever else stands there', () => {
    const none = [
      null,
      undefined,
      Buffer.alloc(55),
      Buffer.from(`00-${'0'.repeat(32)}-${'0'.repeat(16)}-00`),
    ];
    for (const value of none) expect(readSpan(value)).toBeUndefined();
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => void expect(readSpan(Buffer.from(bytes))).toBeUndefined()),
    );
  });
});

describe('the context that headers carry', () => {
  const propagation = new Propagation(new W3CTraceContextPropagator());
  const parent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;

  it('is the last of its name', () => {
    const headers = [
      ['traceparent', 'x'],
      ['traceparent', Buffer.from(parent)],
    ] as const;
    expect(propagation.creation(headers)).toMatchObject({ traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) });
  });

  it('is read from any bytes without a throw', () => {
    const value = fc.oneof(
      fc.uint8Array().map((bytes) => Buffer.from(bytes)),
      fc.constant(null),
    );
    const name = fc.constantFrom('traceparent', 'tracestate', 'x');
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value)), (headers) => {
        expect(propagation.creation(headers)).toBeUndefined();
      }),
    );
  });

  it('is none where the propagator throws', () => {
    const broken = new Propagation({
      extract: () => {
        throw new Error('x');
      },
      inject: () => {},
      fields: () => [],
    });
    expect(broken.extract(ROOT_CONTEXT, [])).toBe(ROOT_CONTEXT);
  });

  it('is written as it is read', () => {
    const context = { traceId: 'c'.repeat(32), spanId: 'd'.repeat(16), traceFlags: 1 };
    const headers = propagation.inject(trace.setSpanContext(ROOT_CONTEXT, context));
    expect(propagation.creation(headers)).toMatchObject(context);
  });
});

function named(name: string): Error {
  return Object.assign(new Error('x'), { name });
}

function kafkaError(code: number): Error {
  return Object.assign(named('KafkaJSProtocolError'), { code, type: 'X' });
}
