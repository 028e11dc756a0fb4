import type { Velo } from '@velo/engine';
import { partitionKey } from '@velo/engine';
import { fixed } from '@velo/retry-core';
import { Random } from '@velo/testkit/random';
import type { Write } from '../history/writer.js';
import { BREAKER } from '../plan/breaker.js';
import { GROUP, MAX_ATTEMPTS } from '../plan/topics.js';
import { subscriptionOf, type Version } from '../plan/version.js';
import type { Service } from '../service.js';
import { handling, originOfRecord } from './handler.js';
import { describe, type Turn } from './recorded-binding.js';
import { DIE_AT_HAND_OFF, type HandOffMode, LEAVE } from './settings.js';

/** ms. Somebody looks at what the guard has told, and resumes. */
const RESUMED_AFTER = 1_000;
/** A death in a transaction comes before this, ms; most transactions take less. */
const LATEST_DEATH = 30;

export interface Consumption {
  readonly write: Write;
  readonly turn: Turn;
  readonly handOff: HandOffMode;
  readonly concurrency: number;
  /** Later records of a key follow one that waits in a tier. */
  readonly keepKeyOrder: boolean;
  readonly breaker: boolean;
  readonly service: Service;
  /** Of what this member draws by itself. */
  readonly seed: number;
  readonly version: Version;
  /** For the client's own consumer. */
  readonly client: object;
}

/** Consumes until it is told to leave; gives the exit code: 1 if the consumer has died of itself. */
export async function consumeUntilStopped(
  velo: Velo,
  { write, turn, handOff, concurrency, keepKeyOrder, breaker, service, seed, version, client }: Consumption,
): Promise<number> {
  const note = (text: string) => write({ kind: 'note', text });
  const { topics, tiers } = subscriptionOf(version);
  const consumer = velo.consumer({
    ...handling(write, turn, service),
    handOff,
    concurrency,
    groupId: GROUP,
    topics,
    startFrom: 'earliest',
    waitForTopics: '60s',
    retry: { inPlace: { maxAttempts: MAX_ATTEMPTS, strategy: fixed(20) }, tiers, keepKeyOrder },
    ...(breaker && { flow: { breaker: BREAKER } }),
    client,
  });
  let dieAtHandOff = false;
  process.on(DIE_AT_HAND_OFF, () => {
    if (handOff === 'transactional') turn.dieInTransaction = new Random(seed).next() * LATEST_DEATH;
    else dieAtHandOff = true;
  });
  for (const event of ['handOff', 'deadLetter'] as const) {
    consumer.on(event, ({ record, topic }) => {
      const partition = partitionKey(record.topic, record.partition);
      const offset = Number(record.offset);
      write({
        kind: 'handed off',
        turn: turn.current,
        partition,
        offset,
        origin: originOfRecord(record),
        topic,
      });
      if (dieAtHandOff) process.kill(process.pid, 'SIGKILL');
    });
  }
  for (const event of ['held', 'released'] as const) {
    consumer.on(event, ({ topic, reason }) => {
      if (reason === 'breaker') write({ kind: 'breaker', source: topic, isOpen: event === 'held' });
      else note(`${event}: ${topic} by ${reason}`);
    });
  }
  // Offsets that an administrator sets back bring thousands to the dead letters once more; whoever is on duty lets them go.
  consumer.on('guarded', ({ topic }) => {
    write({ kind: 'guarded', source: topic });
    setTimeout(() => consumer.resume([topic]), RESUMED_AFTER).unref();
  });
  consumer.on('crashed', ({ error, delay }) => note(`crashed, again in ${delay} ms: ${describe(error)}`));
  consumer.on('restarted', () => note('restarted'));
  consumer.on('commitFailed', ({ error }) => note(`commit failed: ${describe(error)}`));
  consumer.on('positionFailed', ({ explanation }) => note(explanation));
  consumer.on('offsetOutOfRange', ({ topic, partition, from, to }) =>
    note(`out of range: ${topic} ${partition} from ${from} to ${to}`),
  );
  const dead = new Promise<number>((resolve) => {
    consumer.on('dead', ({ explanation }) => {
      note(`dead: ${explanation}`);
      resolve(1);
    });
  });
  const left = new Promise<number>((resolve) => process.once(LEAVE, () => resolve(0)));
  const started = consumer.start().then(
    () => Promise.race([dead, left]),
    (error: unknown) => {
      note(`did not start: ${describe(error)}`);
      return 1;
    },
  );
  const code = await Promise.race([started, left]);
  await consumer.stop();
  await velo.close();
  note(`left with ${code}`);
  return code;
}
