import type { Clock } from '../clock.js';
import { formatDuration } from '../durations/format-duration.js';
import { VeloError } from '../velo-error.js';
import type { TryContext } from './handler-context.js';
import type { Route } from './plan.js';
import type { KafkaRecord } from './record.js';

/** Marks an error as thrown by `decode`, where it is permanent. */
export class DecodeFailure {
  readonly cause: unknown;

  constructor(cause: unknown) {
    this.cause = cause;
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
  context: TryContext,
  clock: Clock,
): Promise<unknown> | undefined {
  const handle = (message: unknown) => route.handler(message as never, context);
  const result = route.decode === undefined ? handle(record) : decodeThen(route.decode, record, handle);
  if (!isThenable(result)) return undefined;
  return route.handlerTimeout === undefined
    ? Promise.resolve(result)
    : within(route.handlerTimeout, result, context, clock);
}

function decodeThen(
  decode: NonNullable<Route['decode']>,
  record: KafkaRecord,
  handle: (message: unknown) => unknown,
): unknown {
  let message: unknown;
  try {
    message = decode(record);
  } catch (error) {
    throw new DecodeFailure(error);
  }
  if (!isThenable(message)) return handle(message);
  return Promise.resolve(message).then(handle, (error: unknown) => {
    throw new DecodeFailure(error);
  });
}

/** After the limit the signal is aborted and the try has failed; what the handler does later is not heeded. */
function within(
  limit: number,
  result: PromiseLike<unknown>,
  context: TryContext,
  clock: Clock,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancel = clock.schedule(limit, () => {
      const error = new VeloError(
        'VELO_HANDLER_TIMEOUT',
        `The handler ran longer than its limit of ${formatDuration(limit)}.`,
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

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function';
}
