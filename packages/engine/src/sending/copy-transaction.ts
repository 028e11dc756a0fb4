import { VeloError } from '@velo/retry-core';
import type { HandOver, OutgoingRecord, TransactionFailure, TransactionOutcome } from '../binding/binding.js';
import type { Share } from './transactional-lane.js';
import type { WaitingCopy } from './waiting-copy.js';

export interface CopyTransactionOptions {
  /** Prepares the copies for the client. Resolves with a failure if one of their topics cannot be written to. */
  readonly ready: (handOver: HandOver) => Promise<HandOver | TransactionFailure>;
  readonly transact: (handOvers: readonly HandOver[]) => Promise<readonly TransactionOutcome[]>;
  /** The error to act on for a copy that was not written: see `UnansweredSends`. */
  readonly judge: (copy: OutgoingRecord, error: unknown) => Promise<unknown>;
}

/**
 * Sends the copies of some lanes with their offsets, in one transaction or in one for each, as the client does it. One
 * outcome for each share, in their order. Never rejects.
 */
export async function transactShares(
  shares: readonly Share[],
  options: CopyTransactionOptions,
): Promise<readonly TransactionOutcome[]> {
  const readied = await Promise.all(
    shares.map(({ offset, copies }) =>
      options.ready({ offset, copies: copies.map(({ copy }) => copy.record) }),
    ),
  );
  const outcomes = readied.map((one, i) => ('copies' in one ? inDoubt(shares[i] as Share) : one));
  // A new assignment may have come meanwhile: a share whose lane it has put in doubt does not go.
  const going = [...shares.keys()].filter((i) => outcomes[i] === undefined);
  for (const i of going) for (const one of (shares[i] as Share).copies) one.state = 'under way';
  const answers = await answersTo(
    going.map((i) => readied[i] as HandOver),
    options,
  );
  going.forEach((i, k) => {
    outcomes[i] = answers[k];
  });
  return Promise.all(
    outcomes.map((outcome, i) =>
      judged(shares[i] as Share, outcome ?? failed('The client gave no outcome.'), options),
    ),
  );
}

/** Whether the outcome names copies that made the transaction fail. */
export function namesSuspects(outcome: TransactionOutcome): boolean {
  return !outcome.committed && (outcome.suspects?.length ?? 0) > 0;
}

async function answersTo(
  handOvers: readonly HandOver[],
  { transact }: CopyTransactionOptions,
): Promise<readonly TransactionOutcome[]> {
  try {
    return handOvers.length === 0 ? [] : await transact(handOvers);
  } catch (error) {
    return handOvers.map(() => ({ committed: false, error }));
  }
}

async function judged(
  { copies }: Share,
  outcome: TransactionOutcome,
  { judge }: CopyTransactionOptions,
): Promise<TransactionOutcome> {
  if (outcome.committed || outcome.suspects?.length !== 1) return outcome;
  const [suspect] = outcome.suspects as [number];
  const { record } = (copies[suspect] as WaitingCopy).copy;
  return { ...outcome, error: await judge(record, outcome.error) };
}

function inDoubt({ of: { lane }, doubts }: Share): TransactionOutcome | undefined {
  return lane.closed || lane.doubts !== doubts
    ? failed(
        `Partition ${lane.partition} of ${lane.topic} was assigned anew, so its transaction was not committed. Nothing is lost: its copies go with a later one, or the record comes again. Nothing is to be done.`,
      )
    : undefined;
}

function failed(message: string): TransactionFailure {
  return { committed: false, error: new VeloError('VELO_CLIENT', message) };
}
