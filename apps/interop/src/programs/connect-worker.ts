import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mavenClassPath } from '@velo/testkit';
import { JavaProgram } from './java-program.js';

export interface ConnectSettings {
  readonly version: string;
  readonly bootstrapServers: string;
  readonly connector: string;
  readonly topic: string;
  readonly deadLetterTopic: string;
  /** For its files. */
  readonly folder: string;
}

/** Kafka Connect with a sink that takes JSON, and sends what is none to its dead letters. */
export async function startConnect(settings: ConnectSettings): Promise<JavaProgram> {
  const { version, bootstrapServers, connector, topic, deadLetterTopic, folder } = settings;
  const classPath = await mavenClassPath({
    name: `kafka-connect-${version}`,
    artifacts: ['runtime', 'json', 'file'].map((part) => `org.apache.kafka:connect-${part}:${version}`),
  });
  const file = (name: string) => join(folder, `connect-${version}-${name}`);
  const worker = file('worker.properties');
  const sink = file('sink.properties');
  await writeFile(
    worker,
    properties({
      'bootstrap.servers': bootstrapServers,
      listeners: 'http://127.0.0.1:0',
      'offset.storage.file.filename': file('offsets'),
      'plugin.discovery': 'only_scan',
      'key.converter': 'org.apache.kafka.connect.converters.ByteArrayConverter',
      'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
      'value.converter.schemas.enable': 'false',
    }),
  );
  await writeFile(
    sink,
    properties({
      name: connector,
      'connector.class': 'org.apache.kafka.connect.file.FileStreamSinkConnector',
      'tasks.max': '1',
      topics: topic,
      file: file('sink.txt'),
      'consumer.override.auto.offset.reset': 'earliest',
      'errors.tolerance': 'all',
      'errors.deadletterqueue.topic.name': deadLetterTopic,
      'errors.deadletterqueue.topic.replication.factor': '1',
      'errors.deadletterqueue.context.headers.enable': 'true',
    }),
  );
  return new JavaProgram({
    classPath,
    main: 'org.apache.kafka.connect.cli.ConnectStandalone',
    args: [worker, sink],
    log: file('worker.log'),
  });
}

function properties(entries: Readonly<Record<string, string>>): string {
  return Object.entries(entries)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}
