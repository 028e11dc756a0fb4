import type { Clock } from '@velo/retry-core';
import { adopt, formatDuration, isThenable, VeloError } from '@velo/retry-core';
import { type KafkaRecord, placeOf } from '../binding/record.js';
import type { Batch } from '../plan/batch.js';
import type { Route } from '../plan/plan-topic.js';
import type { AttemptContext } from './attempt-context.js';
import { BatchCall } from './batch-call.js';

/** Marks an error as thrown by `decode`, where it is permanent. */
export class DecodeFailure {
  readonly #cause: unknown;

  constructor(cause: unknown) {
    this.#cause = cause;
  }

  get cause(): unknown {
    return this.#cause;
  }

  /** What has failed, and in which stage. */
  static read(thrown: unknown): { readonly error: unknown; readonly stage: 'decode' | 'handler' } {
    return DecodeFailure.is(thrown)
      ? { error: thrown.cause, stage: 'decode' }
      : { error: thrown, stage: 'handler' };
  }

  /** Not by `instanceof`, which asks what was thrown for its prototype: a proxy may throw at that. */
  static is(thrown: unknown): thrown is DecodeFailure {
    return typeof thrown === 'object' && thrown !== null && #cause in thrown;
  }
}

/**
 * Decodes and handles a record once. Returns nothing if all was synchronous, else a promise of the end.
 *
 * @throws what the handler throws, and `DecodeFailure` with what `decode` throws
 */
export function invoke(
  route: Route,
  record: KafkaRecord,
  context: AttemptContext,
  clock: Clock,
  warn: (message: string) => void,
): Promise<unknown> | undefined {
  const result =
    route.decode === undefined
      ? handle(route, record, context, warn)
      : decodeThen(route.decode, record, (message) => handle(route, message, context, warn));
  if (!isThenable(result)) return undefined;
  const end = adopt(result);
  return route.handlerTimeout === undefined
    ? end
    : orTimeOut(route.handlerTimeout, end, {
        clock,
        of: placeOf(record),
        abort: (reason) => context.abort(reason),
      });
}

function handle(
  { batch, handler }: Route,
  message: unknown,
  context: AttemptContext,
  warn: (message: string) => void,
): unknown {
  if (batch !== undefined) return invokeAlone(batch, message, context, warn);
  return (handler as NonNullable<Route['handler']>)(message as never, context);
}

/** @throws `DecodeFailure` with what `decode` throws */
function decodeThen(
  decode: NonNullable<Route['decode']>,
  record: KafkaRecord,
  handle: (message: unknown) => unknown,
): unknown {
  let message: unknown;
  let pending: Promise<unknown> | undefined;
  try {
    message = decode(record);
    if (isThenable(message)) pending = adopt(message);
  } catch (error) {
    throw new DecodeFailure(error);
  }
  if (pending === undefined) return handle(message);
  return pending.then(handle, (error: unknown) => {
    throw new DecodeFailure(error);
  });
}

/** A batch's handler, with a batch of one. */
function invokeAlone(
  { handler }: Batch,
  message: unknown,
  context: AttemptContext,
  warn: (message: string) => void,
): unknown {
  const call = new BatchCall([context], warn);
  const end = (thrown?: { readonly error: unknown }) => {
    const isKnown = call.end(thrown);
    if (call.failures.has(0)) throw call.failures.get(0);
    if (!isKnown) throw thrown?.error;
  };
  let result: unknown;
  try {
    result = handler([message as never], call);
  } catch (error) {
    return end({ error });
  }
  if (!isThenable(result)) return end();
  return adopt(result).then(
    () => end(),
    (error: unknown) => end({ error }),
  );
}

export interface TimeOut {
  readonly clock: Clock;
  /** For people: what the handler was called for. */
  readonly of: string;
  readonly abort: (reason: Error) => void;
}

/** After the limit the signal is aborted and the attempt has failed; what the handler does later is not heeded. */
export function orTimeOut(
  limit: number,
  result: Promise<unknown>,
  { clock, of, abort }: TimeOut,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancel = clock.schedule(limit, () => {
      const error = new VeloError(
        'VELO_HANDLER_TIMEOUT',
        `The handler ran longer than its limit of ${formatDuration(limit)} for ${of}. Nothing is lost: its signal is aborted, and the record is tried again or sent on as any that fails. Heed the signal, or give handlerTimeout more time.`,
      );
      abort(error);
      reject(error);
    });
    result.then(
      () => {
        cancel();
        resolve();
      },
      (error: unknown) => {
        cancel();
        reject(error);
      },
    );
  });
}
