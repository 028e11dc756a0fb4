import {
  type Clock,
  checkNames,
  formatDuration,
  invalidOption,
  toMilliseconds,
  VeloError,
} from '@velo/retry-core';
import type { ClientBinding } from '../binding/binding.js';
import { within } from '../binding/deadline.js';
import { planConsumer } from '../plan/plan.js';
import { checkLag } from './check-lag.js';
import { checkMembers } from './check-members.js';
import { checkRecords } from './check-records.js';
import { checkTopics } from './check-topics.js';
import type { Examined } from './examined.js';
import type { DiagnoseOptions, Finding } from './finding.js';
import { Questions } from './questions.js';

export interface DiagnosisOptions {
  readonly asked: DiagnoseOptions;
  readonly open: () => ClientBinding;
  readonly clock: Clock;
  /** It has connections, and must be closed. */
  readonly onBegun: () => void;
  readonly onEnded: () => void;
}

const NAMES = {
  groupId: true,
  topics: true,
  retry: { tiers: true, naming: true },
  // Checked with the plan.
  exhausted: true,
  timeout: true,
  signal: true,
  client: true,
} as const satisfies Record<keyof DiagnoseOptions, unknown>;

/** For one question, ms. */
export const QUESTION_LIMIT = 10_000;
/** For closing connections, ms. */
const CLOSE_LIMIT = 10_000;

/** A group and its topics, looked at from outside. */
export interface Diagnosis {
  /** Once: they are asked for as they are taken. */
  readonly findings: AsyncIterable<Finding>;
  /** Ends it, and its connections. */
  close(): Promise<void>;
}

/**
 * Nothing is written, and no group that is there is changed.
 *
 * @throws {VeloError} `VELO_INVALID_OPTION`
 */
export function diagnosis({ asked, open, clock, onBegun, onEnded }: DiagnosisOptions): Diagnosis {
  checkNames(asked, NAMES, 'diagnose()');
  const { groupId, topics, retry, exhausted, timeout = QUESTION_LIMIT, signal, client } = asked;
  if (!Array.isArray(topics)) throw invalidOption('topics', topics, "a list, such as ['orders']");
  const plan = planConsumer({ groupId, topics, retry, exhausted, handler: () => {} }, 0);
  const limit = toMilliseconds(timeout, 'timeout', { min: 1_000, max: 600_000 });
  const life = new AbortController();
  const abort = () => life.abort(signal?.reason);
  let ended = Promise.resolve();
  async function* find(): AsyncGenerator<Finding> {
    signal?.throwIfAborted();
    signal?.addEventListener('abort', abort, { once: true });
    const binding = open();
    onBegun();
    let end = () => {};
    ended = new Promise((resolve) => {
      end = resolve;
    });
    try {
      const questions = new Questions({ limit, signal: life.signal, clock });
      yield* examine({ client: binding, plan, questions, clock }, client, life.signal);
    } finally {
      signal?.removeEventListener('abort', abort);
      await within(CLOSE_LIMIT, binding.close(), clock);
      onEnded();
      end();
    }
  }
  return {
    findings: find(),
    close: () => {
      life.abort(
        new VeloError(
          'VELO_ABORTED',
          'This velo is closed, and with it the diagnosis has ended. Nothing has changed by it. Ask again with another one.',
        ),
      );
      return ended;
    },
  };
}

async function* examine(
  examined: Examined,
  clientOptions: object | undefined,
  signal: AbortSignal,
): AsyncGenerator<Finding> {
  const { client, questions, clock } = examined;
  const begin = clock.now();
  const common = { check: 'connection', subject: 'brokers' } as const;
  const answer = await questions.ask({ ...common, what: 'whether they accept the user' }, async () => {
    await client.connect();
    return true;
  });
  // All else would say the same.
  if (answer.value === undefined) {
    yield answer.finding;
    return;
  }
  const time = clock.now() - begin;
  yield {
    ...common,
    status: 'ok',
    text: `They can be reached and accept the user: connected within ${formatDuration(time)}.`,
    data: { time },
  };
  const topics = yield* checkTopics(examined);
  yield* checkMembers(examined, topics, signal);
  const lefts = yield* checkLag(examined, topics);
  yield* checkRecords(examined, lefts, topics, clientOptions, signal);
}
