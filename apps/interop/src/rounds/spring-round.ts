import type { Attempt } from '../attempt.js';
import { SpringApp } from '../programs/spring-app.js';
import type { Check } from '../report/checks.js';
import { until } from '../until.js';
import { attemptsAt, checkAttempts, ensureHandedOver, haveBeenMade, untriedBySpring } from './attempts.js';
import { checkDeadLetters } from './dead-letters.js';
import { asExpectedLetter, checkTaken, endedAmong, haveBeenTaken } from './ended-records.js';
import { NAMINGS, type Naming } from './namings.js';
import { createTopics, type Written, write, writeUntil } from './records.js';
import { openVelo, type Stage } from './stage.js';
import { startConsumers } from './velo-attempts.js';

/**
 * velo and one version of Spring Kafka in the same groups, one after the other, under each of Spring's ways to name retry
 * topics. Topics `…-velo-…` are velo's first: it hands records on and stops, and Spring goes on with them. Topics
 * `…-spring-…` are Spring's first, and velo takes them over.
 *
 * Records are written until whoever comes first has ended: some of them are under way then, on the slowest machine too.
 * Which of them, and who makes which attempt, is left open; each is made once.
 */
export async function springRound(stage: Stage, version: string): Promise<readonly Check[]> {
  const round = new SpringRound(stage, version);
  await round.veloHandsOn();
  await using app = await round.springStarts();
  await round.springGoesOn(app);
  await round.springStops(app);
  await round.veloTakesOver(app);
  return round.checks(app);
}

class SpringRound {
  readonly #stage: Stage;
  readonly #system: string;
  readonly #version: string;
  /** Of topics where velo comes first. */
  readonly #ofVelo: Written[] = [];
  /** Of topics where Spring does. */
  readonly #ofSpring: Written[] = [];
  readonly #byVelo: Attempt[] = [];

  constructor(stage: Stage, version: string) {
    this.#stage = stage;
    this.#version = version;
    this.#system = `Spring Kafka ${version}`;
  }

  async veloHandsOn(): Promise<void> {
    this.#tell('velo fails, hands on, dead-letters and stops');
    const topics = NAMINGS.map(this.#veloTopic);
    await createTopics(this.#stage, [...topics, ...NAMINGS.map(this.#springTopic)]);
    this.#ofVelo.push(...(await write(this.#stage, topics, ['fail', 'pass at 2', 'permanent'])));
    const firstAttempts = this.#ofVelo.flatMap((record) => attemptsAt(record).slice(0, 1));
    await using velo = await this.#startVelo(this.#veloTopic);
    const stopped = until('velo has tried all records', () => haveBeenMade(this.#byVelo, firstAttempts)).then(
      () => velo.close(),
    );
    this.#ofVelo.push(...(await writeUntil(this.#stage, topics, stopped)));
  }

  async springStarts(): Promise<SpringApp> {
    this.#tell('Spring works on its own records, and goes on with velo’s');
    const topics = NAMINGS.map(this.#springTopic);
    this.#ofSpring.push(...(await write(this.#stage, topics, ['fail', 'pass at 2', 'pass'])));
    const { bootstrapServers, folder } = this.#stage;
    return SpringApp.start({ version: this.#version, bootstrapServers, prefix: this.#prefix, folder });
  }

  /** Until it is done with all records. */
  springGoesOn(app: SpringApp): Promise<unknown> {
    return app.until('Spring is done with all records', ({ attempts, deadLetters }) => {
      const all = [...this.#byVelo, ...attempts];
      return (
        haveBeenMade(all, this.#records.flatMap(attemptsAt)) && haveBeenTaken(deadLetters, this.#ended(all))
      );
    });
  }

  async springStops(app: SpringApp): Promise<void> {
    const topics = NAMINGS.map(this.#springTopic);
    const tried = topics.map((topic) => ({ topic, value: 'waiting', attempt: 1 }));
    this.#ofSpring.push(...(await write(this.#stage, topics, ['waiting'])));
    const stopped = app
      .until('Spring has tried one record more in each topic', ({ attempts }) =>
        haveBeenMade(attempts, tried),
      )
      .then(() => app.stop());
    this.#ofSpring.push(...(await writeUntil(this.#stage, topics, stopped)));
  }

  async veloTakesOver(app: SpringApp): Promise<void> {
    this.#tell('velo takes Spring’s retry topics over');
    const { attempts } = await app.seen();
    const made = () => [...this.#byVelo, ...attempts];
    const wanted = () =>
      this.#records.flatMap((record) => {
        const untried = untriedBySpring(record, made());
        return attemptsAt(record).filter(({ attempt }) => !untried.some((one) => one.attempt === attempt));
      });
    await using velo = await this.#startVelo(this.#springTopic);
    await until('velo is done with all records', () => haveBeenMade(made(), wanted()));
    await velo.close();
  }

  async checks(app: SpringApp): Promise<readonly Check[]> {
    this.#tell('all dead letters are read');
    const { attempts: bySpring, deadLetters } = await app.seen();
    const attempts = [...this.#byVelo, ...bySpring];
    ensureHandedOver('velo', 'Spring', attempts, this.#ofVelo);
    ensureHandedOver('Spring', 'velo', attempts, this.#ofSpring);
    const ended = this.#ended(attempts);
    return [
      checkAttempts(this.#system, 'attempts of velo, and of Spring after it', attempts, this.#ofVelo),
      checkAttempts(this.#system, 'attempts of Spring, and of velo after it', attempts, this.#ofSpring),
      checkTaken(this.#system, deadLetters, ended),
      ...(await checkDeadLetters(this.#stage, this.#system, ended.map(asExpectedLetter))),
    ];
  }

  async #startVelo(topicOf: (naming: Naming) => string) {
    const velo = openVelo(this.#stage);
    const onAttempt = (attempt: Attempt) => void this.#byVelo.push(attempt);
    await startConsumers(velo, { groupOf: this.#group, topicOf, onAttempt });
    return velo;
  }

  get #records(): readonly Written[] {
    return [...this.#ofVelo, ...this.#ofSpring];
  }

  #ended(attempts: readonly Attempt[]) {
    return endedAmong(this.#records, attempts, this.#prefix);
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
