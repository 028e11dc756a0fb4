import { jarsArePresent, type MavenJars, mavenClassPath } from './maven-jars.js';

const KAFKA_VERSION = '4.1.0';
/** Kafka brings log4j of this version, but not the part that its own log lines need. */
const LOG4J_VERSION = '2.24.3';

const KAFKA: MavenJars = {
  name: `apache-kafka-${KAFKA_VERSION}`,
  artifacts: [
    `org.apache.kafka:kafka_2.13:${KAFKA_VERSION}`,
    `org.apache.logging.log4j:log4j-slf4j-impl:${LOG4J_VERSION}`,
  ],
};

export function kafkaIsPresent(): boolean {
  return jarsArePresent(KAFKA);
}

/** The class path of Apache Kafka (54 MB). */
export function kafkaClassPath(): Promise<string> {
  return mavenClassPath(KAFKA);
}
