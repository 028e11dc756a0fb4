import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { mavenClassPath } from '@velo/testkit';
import { JAVA_SOURCES } from '../java-sources.js';
import { JavaProgram } from './java-program.js';

/** An attempt of one of Spring's listeners. Times are in ms since 1970. */
export interface SpringAttempt {
  readonly saw: 'attempt';
  readonly at: number;
  readonly topic: string;
  readonly value: string;
  readonly key: string | null;
  /** Of the header that all records have, in hex. */
  readonly bytes: string;
  readonly attempt: number;
  /** On retry topics. */
  readonly due?: number;
}

/** What Spring's `@DltHandler` was given. */
export interface SpringDeadLetter extends Omit<SpringAttempt, 'saw' | 'attempt' | 'due'> {
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

type Report = { readonly saw: 'ready' } | SpringAttempt | SpringDeadLetter;

export interface SpringSettings {
  readonly version: string;
  readonly bootstrapServers: string;
  /** Of its topics and groups. */
  readonly prefix: string;
  /** For classes and logs. */
  readonly folder: string;
}

/** `java/spring` in a process of its own, compiled for this version of Spring Kafka. */
export class SpringApp {
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
    await app.until('Spring is ready', (seen) => seen.some(({ saw }) => saw === 'ready'));
    return app;
  }

  async attempts(): Promise<readonly SpringAttempt[]> {
    return reports(await this.#program.output()).filter((one) => one.saw === 'attempt');
  }

  async deadLetters(): Promise<readonly SpringDeadLetter[]> {
    return reports(await this.#program.output()).filter((one) => one.saw === 'dead letter');
  }

  until<T>(what: string, look: (seen: readonly Report[]) => T | Promise<T>): Promise<NonNullable<T>> {
    return this.#program.until(what, (output) => look(reports(output)));
  }

  stop(): Promise<void> {
    return this.#program.stop();
  }
}

/** Log lines stand between the reports, and the last line may not be whole yet. */
function reports(output: string): Report[] {
  const lines = output.slice(0, output.lastIndexOf('\n') + 1).split('\n');
  return lines.filter((line) => line.startsWith('{"saw"')).map((line) => JSON.parse(line));
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
