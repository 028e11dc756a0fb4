import { isVeloError, readArray, readProperty, VeloError } from '@velo/retry-core';

/** A record of a batch that has failed. */
export interface BatchFailure {
  /** In the batch, from 0. */
  readonly index: number;
  readonly error: unknown;
}

/** Thrown by a batch's handler: these records have failed, and all others of the batch are handled. */
export class BatchError extends VeloError {
  override name = 'BatchError';
  readonly failures: readonly BatchFailure[];

  constructor(
    failures: readonly BatchFailure[],
    message = `${failures.length} records of a batch have failed`,
  ) {
    super('VELO_BATCH_FAILED', message, { cause: failures[0]?.error });
    this.failures = failures;
  }
}

/** As large as a batch can be. */
const MOST = 100_000;

/**
 * What a `BatchError` names, that of another copy of velo, too; `undefined` where none of it can be believed: it names nothing, or
 * something that the batch of `size` records does not have.
 */
export function readFailures(error: unknown, size: number): BatchFailure[] | undefined {
  if (!isVeloError(error, 'VELO_BATCH_FAILED')) return undefined;
  const failures: BatchFailure[] = [];
  for (const failure of readArray(error, 'failures', MOST)) {
    const index = readProperty(failure, 'index');
    if (!isIndex(index, size)) return undefined;
    failures.push({ index, error: readProperty(failure, 'error') });
  }
  return failures.length === 0 ? undefined : failures;
}

export function isIndex(index: unknown, size: number): index is number {
  return Number.isInteger(index) && (index as number) >= 0 && (index as number) < size;
}
