// Shown by test/topic-ids.test.ts.
import type { KafkaJs } from '../api.js';
import { ByteReader } from './byte-reader.js';
import { list, NO_TAGS, readList, readText, skipTags, text } from './flexible-version.js';
import { inOtherBytes, type PrivateCluster, withClusters } from './private-cluster.js';

export interface FetchesTopicIds {
  /** The ids of those topics that exist; none where the broker tells none. Creates nothing. */
  fetchTopicIds(topics: readonly string[]): Promise<ReadonlyMap<string, string>>;
}

const METADATA = 3;
/** The first one with topic ids (KIP-516, Kafka 2.8). */
const VERSION = 10;

/** A kafkajs client that can be asked for topic ids. kafkajs asks for metadata in version 6 at the latest, which has none. */
export function withTopicIds<T extends object>(
  kafka: KafkaJs,
  create: (kafka: KafkaJs) => T,
): T & FetchesTopicIds {
  let cluster: PrivateCluster | undefined;
  const client = create(
    withClusters(kafka, (made) => {
      cluster = made;
    }),
  );
  return Object.assign(client, {
    fetchTopicIds: async (topics: readonly string[]) =>
      (await ask(cluster, topics)) ?? new Map<string, string>(),
  });
}

async function ask(
  cluster: PrivateCluster | undefined,
  topics: readonly string[],
): Promise<ReadonlyMap<string, string> | undefined> {
  const broker = await cluster?.brokerPool?.findConnectedBroker?.();
  const tells = Number(broker?.versions?.[METADATA]?.maxVersion) >= VERSION;
  if (broker?.metadata === undefined || !tells || topics.length === 0) return undefined;
  const asking = inOtherBytes(broker, () => ({
    // Not the answer that leaderless.ts reads.
    apiName: 'MetadataWithTopicIds',
    apiVersion: VERSION,
    buffer: encodeMetadata(topics),
    response: { decode: async (raw) => decodeTopicIds(raw), parse: async (decoded) => decoded },
  }));
  return (await broker.metadata.call(asking, topics)) as ReadonlyMap<string, string>;
}

const NO_ID = Buffer.alloc(16);
/** Neither creates topics nor asks what the user may do with them and with the cluster. */
const NOTHING_ELSE = Buffer.of(0, 0, 0);

/** A Metadata request as Kafka's protocol guide has it. The header's tagged fields come first, since kafkajs writes the rest. */
function encodeMetadata(topics: readonly string[]): Buffer {
  return Buffer.concat([NO_TAGS, list(topics.map((topic) => [NO_ID, text(topic)])), NOTHING_ELSE, NO_TAGS]);
}

/** @returns ids by topic, in base64 of URLs, as Kafka prints them */
export function decodeTopicIds(raw: Buffer): ReadonlyMap<string, string> {
  const reader = new ByteReader(raw);
  skipTags(reader);
  reader.int32(); // throttle time
  readList(reader, () => skipBroker(reader));
  readText(reader); // cluster
  reader.int32(); // controller
  const ids = new Map<string, string>();
  readList(reader, () => {
    reader.int16(); // error
    const topic = readText(reader);
    const id = reader.bytes(NO_ID.length);
    if (id?.length === NO_ID.length && !id.equals(NO_ID)) ids.set(topic, id.toString('base64url'));
    reader.skip(1); // internal
    readList(reader, () => skipPartition(reader));
    reader.int32(); // rights
  });
  return ids;
}

function skipBroker(reader: ByteReader): void {
  reader.int32(); // number
  readText(reader); // host
  reader.int32(); // port
  readText(reader); // rack
}

function skipPartition(reader: ByteReader): void {
  reader.skip(2 + 4 + 4 + 4); // error, number, leader, epoch
  // Replicas, those in sync, those offline: numbers without tagged fields.
  for (let left = 3; left > 0; left--) reader.skip((reader.uvarint() - 1) * 4);
}
