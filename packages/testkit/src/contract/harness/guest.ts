import type { ConsumerRequirements } from '@velo/engine';
import { GUEST } from './contract-cluster.js';
import type { Member } from './member.js';
import type { MemberConfig, World } from './world.js';

/** A member of a user who may do nothing but what is granted to it. */
export const guest = (world: World, config: MemberConfig): Member =>
  world.member(config, world.cluster.saslAddress(GUEST));

/** What a consumer says that it needs, asked with an administrator's rights. */
export const guestsRequirements = (world: World, config: MemberConfig): Promise<ConsumerRequirements> =>
  world.member(config).consumer.requirements({ principal: `User:${GUEST.username}` });
