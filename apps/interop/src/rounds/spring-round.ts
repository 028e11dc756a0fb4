import { SpringApp, type SpringAttempt, type SpringDeadLetter } from '../programs/spring-app.js';
import { type Check, compare } from '../report/checks.js';
import { until } from '../until.js';
import { checkDeadLetters, type ExpectedLetter } from './dead-letters.js';
import { NAMINGS, type Naming, topicOfAttempt } from './namings.js';
import { BYTES, committedBy, createTopics, endOf, type Written, write } from './records.js';
import { openVelo, type Stage } from './stage.js';
import { startConsumers } from './velo-tries.js';

const FAILED = 'org.springframework.kafka.listener.ListenerExecutionFailedException';
const CAUSE = 'java.lang.IllegalStateException';

/**
 * velo and one version of Spring Kafka in the same groups, one after the other, under each of Spring's ways to name retry
 * topics. Topics `…-velo-…` are velo's first: it hands records on and stops, and Spring goes on with them. Topics
 * `…-spring-…` are Spring's first, and velo takes them over with a record that still waits.
 */
export async function springRound(stage: Stage, version: string): Promise<readonly Check[]> {
  const round = new SpringRound(stage, version);
  await round.veloHandsOn();
  const app = await round.springWorks();
  await round.springStops(app);
  await round.veloTakesOver();
  return round.checks();
}

class SpringRound {
  readonly #stage: Stage;
  readonly #system: string;
  readonly #version: string;
  readonly #checks: Check[] = [];
  /** Where velo comes first. */
  #ofVelo: readonly Written[] = [];
  #ofSpring: readonly Written[] = [];
  #waiting: readonly Written[] = [];

  constructor(stage: Stage, version: string) {
    this.#stage = stage;
    this.#version = version;
    this.#system = `Spring Kafka ${version}`;
  }

  async veloHandsOn(): Promise<void> {
    const velo = openVelo(this.#stage);
    this.#tell('velo fails, hands on, dead-letters and stops');
    await createTopics(this.#stage, [...NAMINGS.map(this.#veloTopic), ...NAMINGS.map(this.#springTopic)]);
    this.#ofVelo = await write(this.#stage, NAMINGS.map(this.#veloTopic), ['fail', 'pass at 2', 'permanent']);
    try {
      const { tries, told } = await startConsumers(velo, this.#group, this.#veloTopic);
      await until(
        'velo has handed on all records',
        () => told.handedOff >= 2 * NAMINGS.length && told.deadLettered >= NAMINGS.length,
      );
      await velo.close();
      const early = tries.filter(({ tier }) => tier > 0);
      if (early.length > 0)
        throw new Error('this machine is too slow: velo was to stop before a copy is due');
    } finally {
      await velo.close();
    }
  }

  /** Starts Spring, and waits until it is done with all records. */
  async springWorks(): Promise<SpringApp> {
    const { bootstrapServers, folder } = this.#stage;
    this.#ofSpring = await write(this.#stage, NAMINGS.map(this.#springTopic), ['fail', 'pass at 2', 'pass']);
    this.#tell('Spring works on its own records, and goes on with velo’s');
    const app = await SpringApp.start({
      version: this.#version,
      bootstrapServers,
      prefix: this.#prefix,
      folder,
    });
    const reports = this.#expectedAttempts().length + this.#expectedSpringLetters().length;
    await app.until('Spring is done with all records', (seen) => seen.length > reports); // one more: ready
    return app;
  }

  /** While a record waits in each first retry topic. */
  async springStops(app: SpringApp): Promise<void> {
    const retryTopics = NAMINGS.map((naming) => topicOfAttempt(this.#springTopic(naming), naming, 2));
    const before = await Promise.all(retryTopics.map((topic) => endOf(this.#stage, topic)));
    this.#waiting = await write(this.#stage, NAMINGS.map(this.#springTopic), ['waiting']);
    await until('a copy waits in each retry topic, and the source is committed', async () => {
      const ends = await Promise.all(retryTopics.map((topic) => endOf(this.#stage, topic)));
      const committed = await Promise.all(
        NAMINGS.map((naming) => committedBy(this.#stage, this.#group(naming), this.#springTopic(naming))),
      );
      return ends.every((end, i) => end > (before[i] as number)) && committed.every((sum) => sum === 4);
    });
    await app.stop();
    const [late, attempts] = partition(await app.attempts(), ({ value }) => value === 'waiting');
    if (late.some(({ attempt }) => attempt > 1))
      throw new Error('this machine is too slow: Spring was to stop before a copy is due');
    const letters = await app.deadLetters();
    this.#checks.push(
      compare(
        this.#system,
        'attempts of Spring’s listeners, before and after velo',
        attempts.map(asAttempt),
        this.#expectedAttempts(),
      ),
      compare(
        this.#system,
        'dead letters that an @DltHandler took',
        letters.map(asLetter),
        this.#expectedSpringLetters(),
      ),
    );
  }

  async veloTakesOver(): Promise<void> {
    const velo = openVelo(this.#stage);
    this.#tell('velo takes Spring’s retry topics over');
    try {
      const { tries, told } = await startConsumers(velo, this.#group, this.#springTopic);
      await until('velo has dead-lettered what waited', () => told.deadLettered >= NAMINGS.length);
      await velo.close();
      const expected = NAMINGS.flatMap((naming) =>
        [2, 3].map((attempt) => ({
          id: `${topicOfAttempt(this.#springTopic(naming), naming, attempt)} waiting ${attempt}`,
          tier: attempt - 1,
          early: false,
        })),
      );
      this.#checks.push(compare(this.#system, 'attempts of velo, which takes over', tries, expected));
    } finally {
      await velo.close();
    }
  }

  async checks(): Promise<readonly Check[]> {
    this.#tell('all dead letters are read');
    const letters = await checkDeadLetters(this.#stage, this.#system, this.#expectedLetters());
    return [...this.#checks, ...letters];
  }

  #expectedAttempts() {
    return NAMINGS.flatMap((naming) =>
      [this.#ofSpring, this.#ofVelo].flatMap((written) =>
        written
          .filter(({ topic }) => topic.endsWith(`-${naming.name}`))
          .flatMap((record) => {
            const first = written === this.#ofVelo ? 2 : 1;
            return attemptsAt(record)
              .filter((attempt) => attempt >= first)
              .map((attempt) => ({
                id: `${topicOfAttempt(record.topic, naming, attempt)} ${record.value} ${attempt}`,
                key: record.key,
                bytes: BYTES,
                early: false,
              }));
          }),
      ),
    );
  }

  #expectedSpringLetters() {
    return this.#ended([...this.#ofSpring, ...this.#ofVelo]).map(({ naming, record }) => ({
      id: `${record.topic}-dlt ${record.value}`,
      key: record.key,
      bytes: BYTES,
      originalTopic: record.topic,
      originalPartition: record.partition,
      originalOffset: record.offset,
      originalTimestamp: record.timestamp,
      originalTimestampType: 'CreateTime',
      originalGroup: this.#group(naming),
      exception: record.value === 'permanent' ? 'PermanentError' : FAILED,
      // The number of the one that would follow.
      attempts: record.value === 'permanent' ? 2 : 4,
    }));
  }

  #expectedLetters(): ExpectedLetter[] {
    const all = [...this.#ofSpring, ...this.#ofVelo, ...this.#waiting];
    return this.#ended(all).map(({ naming, record }) => {
      const { topic, value } = record;
      const common = {
        deadLetterTopic: `${topic}-dlt`,
        record,
        profile: 'spring',
        group: this.#group(naming),
      } as const;
      if (value === 'permanent')
        return { ...common, attempts: 1, reason: 'permanent', errorName: 'PermanentError' };
      if (value === 'waiting') return { ...common, attempts: 3, reason: 'exhausted', errorName: 'Error' };
      return { ...common, attempts: 3, errorName: FAILED, errorCause: CAUSE };
    });
  }

  /** The records that end as dead letters. */
  #ended(records: readonly Written[]) {
    return NAMINGS.flatMap((naming) =>
      records
        .filter(({ topic, value }) => topic.endsWith(`-${naming.name}`) && !value.startsWith('pass'))
        .map((record) => ({ naming, record })),
    );
  }

  get #prefix(): string {
    return `${this.#stage.prefix}-${this.#version.replaceAll('.', '')}`;
  }

  readonly #group = ({ name }: Naming): string => `${this.#prefix}-${name}`;
  readonly #veloTopic = ({ name }: Naming): string => `${this.#prefix}-velo-${name}`;
  readonly #springTopic = ({ name }: Naming): string => `${this.#prefix}-spring-${name}`;

  #tell(what: string): void {
    this.#stage.tell(`${this.#system}: ${what}`);
  }
}

/** Those that are made at a record, by what its value says. */
function attemptsAt({ value }: Written): readonly number[] {
  if (value === 'pass') return [1];
  if (value === 'pass at 2') return [1, 2];
  return value === 'permanent' ? [] : [1, 2, 3];
}

function asAttempt({ topic, value, attempt, key, bytes, at, due = 0 }: SpringAttempt) {
  return { id: `${topic} ${value} ${attempt}`, key, bytes, early: at < due };
}

function asLetter(letter: SpringDeadLetter) {
  return { ...letter, id: `${letter.topic} ${letter.value}` };
}

function partition<T>(list: readonly T[], isFirst: (one: T) => boolean): readonly [T[], T[]] {
  return [list.filter(isFirst), list.filter((one) => !isFirst(one))];
}
