import type { MemberSink, Membership } from '@velo/engine';
import type { PlatformaticLibrary } from '../api.js';
import { BrokerContact } from '../connection/broker-contact.js';
import type { ClientConfig } from '../connection/client-config.js';
import { Cluster } from '../connection/cluster.js';
import { memberConfig } from '../connection/member-config.js';
import { Fetcher } from '../fetching/fetcher.js';
import type { WhereToBegin } from '../fetching/find-positions.js';
import { Transactions } from '../sending/transactions.js';
import { Member } from './member.js';
import { Session } from './session.js';

/** Resolves when the member has joined; after a rejection nothing is left of it. */
export async function joinGroup(
  library: PlatformaticLibrary,
  config: ClientConfig,
  membership: Membership,
  sink: MemberSink,
  whereToBegin: WhereToBegin,
): Promise<Member> {
  const { groupId } = membership;
  const options = memberConfig(membership);
  const contact = new BrokerContact();
  // Each purpose has connections of its own: a join, an idle fetch and a produce keep what comes behind them waiting.
  const cluster = (purpose: string) => new Cluster(library, config, purpose, contact);
  const [group, commits, sends] = [cluster('group'), cluster('commits'), cluster('transactions')];
  const lines = { main: cluster('fetches'), aside: cluster('fetches aside') };
  const member = new Member(sink, (events) => ({
    groupId,
    session: new Session(group, membership, options, events),
    fetcher: new Fetcher(commits, lines, {
      config: options,
      whereToBegin,
      sink,
      onFailed: (error) => events.crashed(error),
    }),
    transactions: new Transactions(sends, groupId),
    contact,
    commits,
    clusters: [group, commits, sends, lines.main, lines.aside],
  }));
  try {
    await member.join();
    return member;
  } catch (error) {
    await member.stop();
    throw error;
  }
}
