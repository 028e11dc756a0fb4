import { jarsArePresent, type MavenJars, mavenClassPath } from './maven-jars.js';

const DEFAULT_VERSION = '4.1.0';
/** Kafka brings log4j of about this version, but not the part that its own log lines need. */
const LOG4J_VERSION = '2.24.3';

/** @throws {RangeError} if it is no version, or one that needs ZooKeeper */
export function kafkaVersion(text = process.env.VELO_KAFKA_VERSION): string {
  if (!text) return DEFAULT_VERSION;
  const [, major, minor] = /^(\d+)\.(\d+)\.\d+$/.exec(text) ?? [];
  if (Number(major) > 3 || (major === '3' && Number(minor) >= 3)) return text;
  throw new RangeError(`VELO_KAFKA_VERSION must be a version of Apache Kafka from 3.3.0 on, got "${text}"`);
}

function kafka(version: string): MavenJars {
  const logging = [`org.apache.logging.log4j:log4j-slf4j-impl:${LOG4J_VERSION}`];
  // Kafka 3 was written for log4j 1, whose names this one has.
  if (version.startsWith('3.')) logging.push(`org.apache.logging.log4j:log4j-1.2-api:${LOG4J_VERSION}`);
  return {
    name: `apache-kafka-${version}`,
    artifacts: [`org.apache.kafka:kafka_2.13:${version}`, ...logging],
  };
}

export function kafkaIsPresent(): boolean {
  return jarsArePresent(kafka(kafkaVersion()));
}

/** The class path of Apache Kafka (54 MB). */
export function kafkaClassPath(version: string): Promise<string> {
  return mavenClassPath(kafka(version));
}
