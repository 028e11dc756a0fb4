import { connect } from 'node:net';
import { type Admin, type ISocketFactory, Kafka, logLevel } from 'kafkajs';

/** As kafkajs's own, ms. */
const KEEP_ALIVE_DELAY = 60_000;

/** kafkajs without its own log: velo's events tell what happens. */
export function plainKafka(brokers: readonly string[]): Kafka {
  return new Kafka({
    clientId: 'velo-demo',
    brokers: [...brokers],
    logLevel: logLevel.NOTHING,
    socketFactory,
  });
}

/**
 * kafkajs's own without its limit of listeners: each of many sends that wait for a broker that is down disconnects
 * the same socket, which adds a listener each time, and Node would warn of a leak.
 */
const socketFactory: ISocketFactory = ({ host, port, onConnect }) => {
  return connect({ host, port }, onConnect).setKeepAlive(true, KEEP_ALIVE_DELAY).setMaxListeners(0);
};

/** The end of each partition that holds anything, by `topic/partition`. */
export async function endsOf(kafka: Kafka, topics: readonly string[]): Promise<Map<string, bigint>> {
  return withAdmin(kafka, async (admin) => {
    const ends = new Map<string, bigint>();
    for (const topic of topics) {
      for (const { partition, low, high } of await admin.fetchTopicOffsets(topic)) {
        if (BigInt(high) > BigInt(low)) ends.set(`${topic}/${partition}`, BigInt(high));
      }
    }
    return ends;
  });
}

/** Takes away what a run has left in a Kafka. */
export async function forgetRun(kafka: Kafka, topics: readonly string[], groupId: string): Promise<void> {
  await withAdmin(kafka, (admin) => admin.deleteTopics({ topics: [...topics] }));
  await forgetGroup(kafka, groupId);
}

/** A broker that cannot delete groups lets this one expire: nothing depends on it. */
export async function forgetGroup(kafka: Kafka, groupId: string): Promise<void> {
  await withAdmin(kafka, (admin) => admin.deleteGroups([groupId])).catch(() => {});
}

async function withAdmin<T>(kafka: Kafka, use: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    return await use(admin);
  } finally {
    await admin.disconnect();
  }
}
