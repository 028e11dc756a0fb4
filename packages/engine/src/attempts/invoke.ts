import type { Clock } from '@velo/retry-core';
import { adopt, formatDuration, isThenable, VeloError } from '@velo/retry-core';
import { type KafkaRecord, placeOf } from '../binding/record.js';
import type { Route } from '../plan/plan-topic.js';
import type { AttemptContext } from './attempt-context.js';

/** Marks an error as thrown by `decode`, where it is permanent. */
export class DecodeFailure {
  readonly #cause: unknown;

  constructor(cause: unknown) {
    this.#cause = cause;
  }

  get cause(): unknown {
    return this.#cause;
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
): Promise<unknown> | undefined {
  const handle = (message: unknown) => route.handler(message as never, context);
  const result = route.decode === undefined ? handle(record) : decodeThen(route.decode, record, handle);
  if (!isThenable(result)) return undefined;
  const end = adopt(result);
  return route.handlerTimeout === undefined ? end : orTimeOut(route.handlerTimeout, end, context, clock);
}

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

/** After the limit the signal is aborted and the attempt has failed; what the handler does later is not heeded. */
function orTimeOut(
  limit: number,
  result: Promise<unknown>,
  context: AttemptContext,
  clock: Clock,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancel = clock.schedule(limit, () => {
      const error = new VeloError(
        'VELO_HANDLER_TIMEOUT',
        `The handler ran longer than its limit of ${formatDuration(limit)} for ${placeOf(context.record)}. Nothing is lost: its signal is aborted, and the record is tried again or sent on as any that fails. Heed the signal, or give handlerTimeout more time.`,
      );
      context.abort(error);
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
