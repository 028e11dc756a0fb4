import { spawnSync } from 'node:child_process';
import { kafkaIsPresent } from './jars.js';

const MINIMUM_JAVA = 17;

function javaVersion(): number {
  const { status, stderr } = spawnSync('java', ['-version'], { encoding: 'utf8' });
  return status === 0 ? Number(/version "(\d+)/.exec(stderr)?.[1] ?? 0) : 0;
}

function whatIsMissing(): string | undefined {
  if (process.env.KAFKA_BROKERS) return undefined;
  if (javaVersion() < MINIMUM_JAVA) return `Java ${MINIMUM_JAVA} or newer is not installed`;
  if (kafkaIsPresent() || spawnSync('mvn', ['-version']).status === 0) return undefined;
  return 'Maven is not installed';
}

let available: boolean | undefined;

/**
 * Whether `startKafka` can work here. Tests use it to skip, and it says once why they do; where `CI` is set it
 * is always true, so that nothing is skipped there in silence.
 */
export function javaAvailable(): boolean {
  if (process.env.CI) return true;
  if (available === undefined) {
    const missing = whatIsMissing();
    available = missing === undefined;
    if (missing !== undefined) console.warn(`tests on a real Apache Kafka are skipped: ${missing}`);
  }
  return available;
}
