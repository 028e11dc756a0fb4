import type { Broker, Cluster } from '../connection/cluster.js';
import type { Source } from './source.js';

export interface ReadySources {
  readonly byLeader: ReadonlyMap<Broker, readonly Source[]>;
  /** Nobody leads one of them, as far as is known. */
  readonly leaderless: boolean;
  /** ms. Until the next one is ready that is put off. */
  readonly wait: number | undefined;
}

/** What can be asked for now, by whom to ask. */
export function readySources(sources: Iterable<Source>, cluster: Cluster): ReadySources {
  const now = performance.now();
  const byLeader = new Map<Broker, Source[]>();
  let leaderless = false;
  let next = Number.POSITIVE_INFINITY;
  for (const source of sources) {
    if (!source.isReady(now)) {
      if (source.notBefore > now) next = Math.min(next, source.notBefore);
      continue;
    }
    const leader = cluster.knownLeader(source);
    const list = leader && byLeader.get(leader);
    if (leader === undefined) leaderless = true;
    else if (list === undefined) byLeader.set(leader, [source]);
    else list.push(source);
  }
  return { byLeader, leaderless, wait: next === Number.POSITIVE_INFINITY ? undefined : next - now };
}
