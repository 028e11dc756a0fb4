import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { startKafka } from '@velo/testkit';
import type { Check } from './report/checks.js';
import { connectRound } from './rounds/connect-round.js';
import { springRound } from './rounds/spring-round.js';
import { kafkaFor } from './rounds/stage.js';

export interface InteropOptions {
  /** Versions of Spring Kafka, 3 or 4. */
  readonly spring: readonly string[];
  /** Versions of Kafka Connect. */
  readonly connect: readonly string[];
  /** Of what is done at present. */
  readonly tell: (line: string) => void;
}

/** All rounds, side by side, on a cluster of one broker. Logs stay, and are told, where something is not right. */
export async function runInterop({ spring, connect, tell }: InteropOptions): Promise<readonly Check[]> {
  const folder = await mkdtemp(join(tmpdir(), 'velo-interop-'));
  await using cluster = await startKafka();
  const { bootstrapServers } = cluster;
  const kafka = kafkaFor(bootstrapServers);
  const admin = kafka.admin();
  const prefix = `interop${randomBytes(3).toString('hex')}`;
  const stage = { kafka, admin, bootstrapServers, prefix, folder, tell };
  const rounds = [
    ...spring.map((version) => ({
      system: `Spring Kafka ${version}`,
      run: () => springRound(stage, version),
    })),
    ...connect.map((version) => ({
      system: `Kafka Connect ${version}`,
      run: () => connectRound(stage, version),
    })),
  ];
  await admin.connect();
  try {
    const results = rounds.map(({ system, run }) =>
      run().catch((error: unknown) => [notFinished(system, error)]),
    );
    const checks = (await Promise.all(results)).flat();
    if (checks.every(({ faults }) => faults.length === 0)) await rm(folder, { recursive: true, force: true });
    else tell(`the logs are in ${folder}`);
    return checks;
  } finally {
    await admin.disconnect();
  }
}

function notFinished(system: string, error: unknown): Check {
  return { system, what: 'the whole round', compared: 0, faults: [inspect(error)] };
}
