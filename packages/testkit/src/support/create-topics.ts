import type { Admin, ITopicConfig } from 'kafkajs';
import { until } from './until.js';

/** What a broker answers about a topic that it has not heard of yet, or whose leader is not chosen yet. */
const TOO_EARLY = ['UNKNOWN_TOPIC_OR_PARTITION', 'LEADER_NOT_AVAILABLE'];

/**
 * Makes topics, and does not wait until they have leaders: kafkajs's own wait fails where a broker does not know the
 * topic yet.
 *
 * Before it asks for them it refreshes what it knows of all topics that this admin was ever asked about. Where one of
 * those was made a moment ago, a broker may not have heard of it, and kafkajs passes its answer on as if it were about
 * the new topics, of which nobody was asked yet.
 */
export async function createTopics(admin: Admin, topics: ITopicConfig[]): Promise<void> {
  await until(`${topics.map(({ topic }) => topic).join(', ')} can be made`, async () => {
    try {
      await admin.createTopics({ topics, waitForLeaders: false });
      return true;
    } catch (error) {
      if (TOO_EARLY.includes((error as { type?: string }).type ?? '')) return false;
      throw error;
    }
  });
}
