import { createVelo, type Logger, type Velo } from '@velo/kafkajs';
import { createVelo as createRdVelo } from '@velo/rdkafka';
import { type Admin, Kafka, logLevel } from 'kafkajs';

/** What the rounds run on. */
export interface Stage {
  readonly kafka: Kafka;
  /** Connected. */
  readonly admin: Admin;
  readonly bootstrapServers: string;
  /** Of topics and groups, so that runs on one cluster do not meet. */
  readonly prefix: string;
  /** For classes, logs and other files. */
  readonly folder: string;
  readonly tell: (line: string) => void;
}

export function kafkaFor(bootstrapServers: string): Kafka {
  return new Kafka({ clientId: 'interop', brokers: bootstrapServers.split(','), logLevel: logLevel.NOTHING });
}

/** What velo has to say of a foreign group, and more, is not what is looked at here. */
const SILENT: Logger = { info: () => {}, warn: () => {}, error: () => {} };

/** The client that carries Spring's headers, whose values are binary. */
export function openVelo({ kafka }: Stage): Velo {
  return createVelo(kafka, { logger: SILENT });
}

/** Either client reads them. */
export const READERS: Readonly<Record<string, (stage: Stage) => Velo>> = {
  kafkajs: openVelo,
  'node-rdkafka': ({ bootstrapServers }) =>
    createRdVelo({ 'bootstrap.servers': bootstrapServers }, { logger: SILENT }),
};
