import { VeloError } from '@velo/retry-core';
import type { ConsumerPlan } from '../plan/plan.js';

/** @throws {VeloError} `VELO_TOPOLOGY` where a tier has other partitions than its source, and the order of keys is to be kept */
export function refuseUneven({ routes }: ConsumerPlan, counts: ReadonlyMap<string, number>): void {
  for (const { topic, source, keepKeyOrder } of routes.values()) {
    const [own, needed] = [counts.get(topic), counts.get(source)];
    if (!keepKeyOrder || own === needed) continue;
    throw new VeloError(
      'VELO_TOPOLOGY',
      `The topic ${topic} has ${own} partitions, its source ${source} ${needed}, and with retry.keepKeyOrder they must have equally many: those of one number belong to one member. Nothing is lost: nothing was read. ${(own ?? 0) < (needed ?? 0) ? `Let ${topic} grow: ${growCommand(topic, needed as number)}` : `Let ${source} grow, or, once ${topic} is empty, delete it: velo makes it anew`}`,
    );
  }
}

/** The command that makes a topic as wide. */
export function growCommand(topic: string, partitions: number): string {
  return `kafka-topics.sh --bootstrap-server HOST:PORT --alter --topic ${topic} --partitions ${partitions}`;
}

/** For people: it could not grow. */
export function narrower(topic: string, count: number, needed: number, why: string): string {
  return `The topic ${topic} has ${count} partitions, its sources ${needed}, and it could not grow (${why}). Copies go to the remainder of their partition: nothing is lost, but keys of several partitions mix. To mend it: ${growCommand(topic, needed)}`;
}
