import { startConnect } from '../programs/connect-worker.js';
import type { Check } from '../report/checks.js';
import { checkDeadLetters } from './dead-letters.js';
import { createTopics, endOf, write } from './records.js';
import type { Stage } from './stage.js';

/** A sink of Kafka Connect's sends what is no JSON to its dead letters, and velo reads them. */
export async function connectRound(stage: Stage, version: string): Promise<readonly Check[]> {
  const system = `Kafka Connect ${version}`;
  const topic = `${stage.prefix}-connect`;
  const deadLetterTopic = `${topic}-dlq`;
  const connector = `${topic}-sink`;
  const { bootstrapServers, folder } = stage;
  await createTopics(stage, [topic]);
  const records = await write(stage, [topic], ['no JSON', '{"json":1}', '{"broken":', '[2]']);
  const broken = records.filter(({ value }) => !isJson(value));
  stage.tell(`${system}: a sink dead-letters what is no JSON`);
  await using worker = await startConnect({
    version,
    bootstrapServers,
    connector,
    topic,
    deadLetterTopic,
    folder,
  });
  await worker.until('all dead letters are there', async () => {
    const isThere = (await stage.admin.listTopics()).includes(deadLetterTopic);
    return isThere && (await endOf(stage, deadLetterTopic)) >= broken.length;
  });
  await worker.stop();
  return checkDeadLetters(
    stage,
    system,
    broken.map((record) => ({
      deadLetterTopic,
      record,
      profile: 'connect',
      group: connector,
      errorName: 'org.apache.kafka.connect.errors.DataException',
    })),
  );
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
