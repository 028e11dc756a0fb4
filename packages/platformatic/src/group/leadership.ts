import { assignGroup } from '@velo/engine';
import type { Cluster } from '../connection/cluster.js';
import type { Requests } from '../requests.js';

/** What the leader of a group does: it assigns, and sees to it that what has grown is assigned, too. */
export class Leadership {
  readonly #cluster: Cluster;
  /** What this member reads itself. */
  readonly #topics: readonly string[];
  /** How many partitions each topic of the group had when it was assigned; undefined: another member leads. */
  #assigned: ReadonlyMap<string, number> | undefined;

  constructor(cluster: Cluster, topics: readonly string[]) {
    this.#cluster = cluster;
    this.#topics = topics;
  }

  async assign(
    members: Requests['joinGroup']['answer']['members'],
  ): Promise<readonly { readonly memberId: string; readonly assignment: Buffer }[]> {
    const group = members.map(({ memberId, metadata }) => ({ memberId, memberMetadata: metadata }));
    const known = await this.#cluster.describe(this.#topics);
    const ask = async (topic: string) =>
      (await this.#cluster.describe([topic])).get(topic)?.leaders.length ?? 0;
    const { counts, assignments } = await assignGroup(
      group,
      (topic) => known.get(topic)?.leaders.length ?? 0,
      ask,
    );
    this.#assigned = counts;
    return assignments.map(({ memberId, memberAssignment }) => ({ memberId, assignment: memberAssignment }));
  }

  /** Another member leads. */
  end(): void {
    this.#assigned = undefined;
  }

  /**
   * Where this member leads: whether topics of the group have come, or have another size, since it assigned them. One that has gone
   * is left where it is: it may be about to be made again.
   */
  async haveTopicsChanged(): Promise<boolean> {
    const before = this.#assigned;
    if (before === undefined) return false;
    try {
      const now = await this.#cluster.describe([...before.keys()]);
      return [...before].some(([topic, count]) => (now.get(topic)?.leaders.length ?? count) !== count);
    } catch {
      return false;
    }
  }
}
