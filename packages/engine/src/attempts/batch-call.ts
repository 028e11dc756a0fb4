import { invalidOption } from '@velo/retry-core';
import { type KafkaRecord, placeOf } from '../binding/record.js';
import type { BatchContext } from '../plan/config.js';
import type { AttemptContext } from './attempt-context.js';
import { isIndex, readFailures } from './batch-error.js';

/** One call of a batch's handler, and which records have failed in it. */
export class BatchCall implements BatchContext {
  readonly records: readonly KafkaRecord[];
  readonly contexts: readonly AttemptContext[];
  readonly #warn: (message: string) => void;
  readonly #failures = new Map<number, unknown>();
  #ended = false;

  /** @param contexts of this call alone: they are aborted together; @param warn told of failures that change nothing */
  constructor(contexts: readonly AttemptContext[], warn: (message: string) => void) {
    this.records = contexts.map(({ record }) => record);
    this.contexts = contexts;
    this.#warn = warn;
  }

  /** Those that were named, by their index. */
  get failures(): ReadonlyMap<number, unknown> {
    return this.#failures;
  }

  get signal(): AbortSignal {
    return (this.contexts[0] as AttemptContext).signal;
  }

  get interrupted(): boolean {
    return (this.contexts[0] as AttemptContext).interrupted;
  }

  abort(reason: Error): void {
    for (const context of this.contexts) context.abort(reason);
  }

  interrupt(reason: Error): void {
    for (const context of this.contexts) context.interrupt(reason);
  }

  /** Of its own, so that a handler may take it out of the context. */
  readonly fail = (index: number, error: unknown): void => {
    const { length } = this.contexts;
    if (!isIndex(index, length))
      throw invalidOption(
        'the index of fail()',
        index,
        `a whole number from 0 to ${length - 1}, as the batch has ${length} records`,
      );
    const record = this.records[index] as KafkaRecord;
    if (this.#ended)
      this.#warn(
        `context.fail(${index}) was called after its batch had ended, for ${placeOf(record)}. It changes nothing: that record counts as the handler has left it. Await all that the handler begins before it returns.`,
      );
    else if (this.#failures.has(index))
      this.#warn(
        `context.fail(${index}) was called again, for ${placeOf(record)}. It changes nothing: the first error counts. Call it once for each record.`,
      );
    else this.#failures.set(index, error);
  };

  /**
   * The handler has returned, or has thrown. Gives back whether all is known: by an error that names nothing it is known of those
   * alone that were named before.
   */
  end(thrown?: { readonly error: unknown }): boolean {
    this.#ended = true;
    if (thrown === undefined) return true;
    const named = readFailures(thrown.error, this.contexts.length);
    for (const { index, error } of named ?? [])
      if (!this.#failures.has(index)) this.#failures.set(index, error);
    return named !== undefined;
  }
}
