import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { mavenClassPath } from '@velo/testkit';
import type { Attempt } from '../attempt.js';
import { JAVA_SOURCES } from '../java-sources.js';
import { JavaProgram } from './java-program.js';

/** An attempt of one of Spring's listeners. Times are in ms since 1970. */
interface AttemptReport extends Omit<Attempt, 'by' | 'early'> {
  readonly saw: 'attempt';
  readonly at: number;
  /** On retry topics. */
  readonly due?: number;
}

/** What Spring's `@DltHandler` was given. */
export interface SpringDeadLetter extends Pick<Attempt, 'topic' | 'value' | 'key' | 'bytes'> {
  readonly saw: 'dead letter';
  readonly originalTopic: string;
  readonly originalPartition: number;
  readonly originalOffset: number;
  readonly originalTimestamp: number;
  readonly originalTimestampType: string;
  readonly originalGroup: string;
  readonly exception: string;
  readonly message: string;
  readonly attempts: number;
}

type Report = { readonly saw: 'ready' } | AttemptReport | SpringDeadLetter;

/** What it has reported so far. */
export interface Seen {
  readonly ready: boolean;
  readonly attempts: readonly Attempt[];
  readonly deadLetters: readonly SpringDeadLetter[];
}

export interface SpringSettings {
  readonly version: string;
  readonly bootstrapServers: string;
  /** Of its topics and groups. */
  readonly prefix: string;
  /** For classes and logs. */
  readonly folder: string;
}

/** `java/spring` in a process of its own, compiled for this version of Spring Kafka. */
export class SpringApp implements AsyncDisposable {
  readonly #program: JavaProgram;

  private constructor(program: JavaProgram) {
    this.#program = program;
  }

  static async start({ version, bootstrapServers, prefix, folder }: SpringSettings): Promise<SpringApp> {
    const classPath = await compile(version, folder);
    const program = new JavaProgram({
      classPath,
      main: 'interop.App',
      properties: { brokers: bootstrapServers, prefix },
      log: join(folder, `spring-${version}.log`),
    });
    const app = new SpringApp(program);
    try {
      await app.until('Spring is ready', ({ ready }) => ready);
      return app;
    } catch (error) {
      await app[Symbol.asyncDispose]();
      throw error;
    }
  }

  async seen(): Promise<Seen> {
    return seenIn(await this.#program.output());
  }

  until(what: string, look: (seen: Seen) => boolean): Promise<unknown> {
    return this.#program.until(what, (output) => look(seenIn(output)));
  }

  stop(): Promise<void> {
    return this.#program.stop();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#program[Symbol.asyncDispose]();
  }
}

/** Log lines stand between the reports, and the last line may not be whole yet. */
function seenIn(output: string): Seen {
  const lines = output.slice(0, output.lastIndexOf('\n') + 1).split('\n');
  const reports: Report[] = lines.filter((line) => line.startsWith('{"saw"')).map((line) => JSON.parse(line));
  return {
    ready: reports.some(({ saw }) => saw === 'ready'),
    attempts: reports
      .filter((one) => one.saw === 'attempt')
      .map(({ saw: _, at, due = 0, ...attempt }) => ({ by: 'Spring', ...attempt, early: at < due })),
    deadLetters: reports.filter((one) => one.saw === 'dead letter'),
  };
}

/** The class path of the application and of Spring Kafka. */
async function compile(version: string, folder: string): Promise<string> {
  const jars = await mavenClassPath({
    name: `spring-kafka-${version}`,
    artifacts: [`org.springframework.kafka:spring-kafka:${version}`],
  });
  const classes = join(folder, `spring-${version}`);
  const sources = await Promise.all(['spring', `spring-${version.split('.')[0]}`].map(javaFiles));
  await promisify(execFile)('javac', ['-d', classes, '-cp', jars, ...sources.flat()]);
  return `${classes}:${jars}`;
}

async function javaFiles(name: string): Promise<string[]> {
  const folder = join(JAVA_SOURCES, name);
  return (await readdir(folder)).map((file) => join(folder, file));
}
