import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const KAFKA_VERSION = '4.1.0';
/** Kafka brings log4j of this version, but not the part that its own log lines need. */
const LOG4J_VERSION = '2.24.3';

/** One download for all clones on a machine. */
const CACHE = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'velo');
const JARS = join(CACHE, `apache-kafka-${KAFKA_VERSION}`);

const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>velo</groupId><artifactId>kafka</artifactId><version>1</version>
  <dependencies>
    <dependency>
      <groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>${KAFKA_VERSION}</version>
    </dependency>
    <dependency>
      <groupId>org.apache.logging.log4j</groupId><artifactId>log4j-slf4j-impl</artifactId><version>${LOG4J_VERSION}</version>
    </dependency>
  </dependencies>
</project>
`;

export function jarsArePresent(): boolean {
  return existsSync(JARS);
}

async function download(): Promise<void> {
  await mkdir(CACHE, { recursive: true });
  const folder = await mkdtemp(join(CACHE, 'download-'));
  try {
    await writeFile(join(folder, 'pom.xml'), POM);
    const jars = join(folder, 'jars');
    const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${jars}`];
    await promisify(execFile)('mvn', ['-q', '-B', '-f', join(folder, 'pom.xml'), ...goal]);
    await rename(jars, JARS).catch((error) => {
      if (!jarsArePresent()) throw error; // else another process was quicker
    });
  } catch (error) {
    const output = (error as { stdout?: string }).stdout?.trim();
    throw new Error(`Maven could not fetch Apache Kafka ${KAFKA_VERSION}${output ? `:\n${output}` : ''}`, {
      cause: error,
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The class path of Apache Kafka; fetches it with Maven at the first call on a machine (54 MB). */
export async function kafkaClassPath(): Promise<string> {
  if (!jarsArePresent()) {
    console.warn(`fetching Apache Kafka ${KAFKA_VERSION} with Maven, once on this machine (54 MB)`);
    await download();
  }
  return join(JARS, '*');
}
