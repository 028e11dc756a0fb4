import type { VeloOptions } from '@velo/engine';
import { expect } from 'vitest';
import { sleep } from '../../support/until.js';
import { GUEST } from '../harness/contract-cluster.js';
import { failingByText } from '../harness/failing-by-text.js';
import { guestsRequirements } from '../harness/guest.js';
import { hastyClock } from '../harness/hasty-clock.js';
import type { Member } from '../harness/member.js';
import type { WrittenRecord } from '../harness/observer.js';
import type { MemberConfig, World } from '../harness/world.js';
import type { ScenarioGroup } from '../scenario.js';

/** Looks for replay topics each 2 to 4 s. */
const HASTY: VeloOptions = { clock: hastyClock };
/** ms */
const LIMIT = 60_000;

/** A dead letter as it is sent back to its group. */
function replayed({ groupId }: World, source: string, value: string, offset: number): WrittenRecord {
  const headers = {
    'velo-version': '1',
    'velo-group': groupId,
    'velo-attempt': '0',
    'velo-original-topic': source,
    'velo-original-partition': '0',
    'velo-original-offset': String(offset),
    'velo-original-timestamp': '1700000000000',
    'velo-replays': '2',
  };
  return { key: 'key', value, headers: Object.entries(headers) };
}

async function hasty(world: World, config: MemberConfig): Promise<Member> {
  const member = world.member(config, undefined, HASTY);
  await member.consumer.start();
  return member;
}

const reads = ({ consumer }: Member, topic: string) =>
  consumer.health().partitions.some((partition) => partition.topic === topic);

/** Writes records one after the other, until it is told to stop; gives back their values. */
function writeOn(world: World, topic: string, partitions: number): () => Promise<string[]> {
  const written: string[] = [];
  let isOn = true;
  const writing = (async () => {
    for (let i = 0; isOn; i++) {
      await world.write(topic, { value: `${i}`, partition: i % partitions });
      written.push(`${i}`);
      await sleep(20);
    }
  })();
  return async () => {
    isOn = false;
    await writing;
    return written;
  };
}

/** Promise 17, the consumer's side. */
export const replayTopics: ScenarioGroup = {
  name: 'a replay topic',
  scenarios: [
    ...(['at-least-once', 'transactional'] as const).map((handOff) => ({
      name: `is read from its beginning, as the source is handled, and goes on where it was left: ${handOff}`,
      needs: ({ capabilities }: { capabilities: { transactions?: boolean } }) =>
        handOff === 'at-least-once' || capabilities.transactions === true,
      ...(handOff === 'transactional' && { on: 'kafka' as const }),
      run: async (world: World) => {
        const topic = await world.topic();
        const replay = world.ownTopic(topic, 'replay');
        await world.observer.createTopic(replay, 1);
        await world.write(replay, replayed(world, topic, 'good', 41), replayed(world, topic, 'never', 42));
        const config: MemberConfig = { ...failingByText, topics: [topic], startFrom: 'latest', handOff };
        const first = await world.joined({ ...config, retry: { inPlace: { maxAttempts: 1 } } });
        await first.untilHandled('good');
        await first.untilTold('deadLetter');
        expect(first.attempts[0]?.context).toMatchObject({ id: `${topic}/0/41`, tier: 0, totalAttempts: 1 });
        await world.untilCommitted(replay, 2);
        const [letter] = await world.observer.read(world.ownTopic(topic, 'dlt'));
        expect(letter?.headers).toMatchObject({ 'velo-original-offset': '42', 'velo-replays': '2' });
        await first.consumer.stop();
        await world.write(replay, replayed(world, topic, 'good again', 43));
        const second = await world.joined(config);
        await second.untilHandled('good again');
        expect(second.tried).toEqual(['good again']);
      },
    })),
    {
      name: 'that appears is read by a member that runs already: nothing is lost, nothing comes twice, nothing has crashed',
      limit: LIMIT,
      run: async (world) => {
        const topic = await world.topic(2);
        const replay = world.ownTopic(topic, 'replay');
        const member = await hasty(world, { topics: [topic] });
        // The group's coordinator may not have been there yet.
        const crashes = member.told('crashed').length;
        const stop = writeOn(world, topic, 2);
        await sleep(1_000);
        await world.observer.createTopic(replay, 2);
        await world.write(replay, replayed(world, topic, 'again', 42));
        await member.until('the replay topic is read', () => member.handled.includes('again'), 30_000);
        await sleep(1_000);
        const written = await stop();
        await member.untilHandled(...written);
        expect(member.tried.toSorted()).toEqual(['again', ...written].toSorted());
        expect(member.told('crashed')).toHaveLength(crashes);
        expect(member.consumer.health().state).toBe('running');
      },
    },
    {
      name: 'that appears is read by one of two members, however both change their subscription',
      on: 'kafka',
      several: true,
      limit: LIMIT,
      run: async (world) => {
        const topic = await world.topic(4);
        const replay = world.ownTopic(topic, 'replay');
        const config: MemberConfig = { topics: [topic], handler: () => sleep(5) };
        const members = [await hasty(world, config), await hasty(world, config)] as const;
        const stop = writeOn(world, topic, 4);
        await sleep(1_000);
        await world.observer.createTopic(replay, 4);
        await world.write(replay, replayed(world, topic, 'again', 42));
        const has =
          (topics: string, owned: number) =>
          ({ consumer }: Member) =>
            consumer.health().partitions.filter((partition) => partition.topic === topics).length === owned;
        await members[0].until(
          'both read half of each',
          () => members.every((member) => has(topic, 2)(member) && has(replay, 2)(member)),
          40_000,
        );
        const written = await stop();
        const tried = () => members.flatMap((member) => member.tried);
        await members[0].until('all are handled', () => tried().length > written.length, 20_000);
        await sleep(500);
        expect(tried().toSorted()).toEqual(['again', ...written].toSorted());
      },
    },
    {
      name: 'that appears is read by static members, too',
      on: 'kafka',
      several: true,
      limit: LIMIT,
      needs: ({ client }) => client.instance !== undefined,
      run: async (world) => {
        const topic = await world.topic(4);
        const replay = world.ownTopic(topic, 'replay');
        const { quick, instance } = world.adapter.client;
        const config = (id: string): MemberConfig => ({
          topics: [topic],
          client: { ...quick, ...instance?.(id) },
        });
        const members = [await hasty(world, config('one')), await hasty(world, config('two'))] as const;
        await world.observer.createTopic(replay, 4);
        const written = [0, 1, 2, 3].map((partition) => ({
          ...replayed(world, topic, `again ${partition}`, 42),
          partition,
        }));
        await world.write(replay, ...written);
        const handled = () => members.flatMap((member) => member.handled);
        await members[0].until('all are handled', () => handled().length === 4, 40_000);
        expect(members.flatMap((member) => member.tried).toSorted()).toEqual(
          written.map(({ value }) => value),
        );
      },
    },
    {
      name: 'that is deleted ends nothing, and made again it is read again',
      // kafkajs, the observer, deletes no topic of the embedded broker.
      on: 'kafka',
      limit: LIMIT,
      run: async (world) => {
        await world.ownObserver();
        const topic = await world.topic();
        const replay = world.ownTopic(topic, 'replay');
        await world.observer.createTopic(replay, 1);
        await world.write(replay, replayed(world, topic, 'first', 41));
        const member = await hasty(world, { topics: [topic] });
        await member.untilHandled('first');
        await world.untilCommitted(replay, 1);
        const again = world.observer.recreateTopic(replay, 1, 10_000);
        await member.until('it is no longer read', () => !reads(member, replay), 30_000);
        await world.cluster.observer.write(topic, 'good');
        await member.untilHandled('good');
        await again;
        await world.write(replay, replayed(world, topic, 'second', 42));
        await member.until('it is read again', () => member.handled.includes('second'), 30_000);
        expect(member.tried.toSorted()).toEqual(['first', 'good', 'second']);
        expect(member.eventTypes).not.toContain('dead');
      },
    },
    {
      name: 'that the user may see and not read keeps nobody from the source',
      on: 'kafka',
      limit: LIMIT,
      run: async (world) => {
        const topic = await world.topic();
        const replay = world.ownTopic(topic, 'replay');
        const config: MemberConfig = { topics: [topic], topology: { create: 'never' } };
        await world.observer.createTopic(world.ownTopic(topic, 'dlt'), 1);
        const { acls } = await guestsRequirements(world, config);
        const seen = acls.map((acl) =>
          acl.name === replay ? { ...acl, operations: ['Describe'] as const } : acl,
        );
        await world.observer.grant(GUEST.username, seen);
        const member = world.member(config, world.cluster.saslAddress(GUEST), HASTY);
        await member.consumer.start();
        await world.observer.createTopic(replay, 1);
        await world.write(replay, replayed(world, topic, 'again', 42));
        await sleep(10_000);
        await world.write(topic, 'good');
        await member.untilHandled('good');
        expect(member.eventTypes).not.toContain('dead');
        expect(reads(member, replay)).toBe(false);
        await world.observer.grant(GUEST.username, acls);
        const other = world.member(config, world.cluster.saslAddress(GUEST));
        await member.consumer.stop();
        await other.consumer.start();
        await other.untilHandled('again');
      },
    },
    {
      name: 'goes on where a killed process has left it',
      run: async (world) => {
        const topic = await world.topic();
        const replay = world.ownTopic(topic, 'replay');
        await world.observer.createTopic(replay, 1);
        await world.write(replay, replayed(world, topic, 'first', 41), replayed(world, topic, 'stuck', 42));
        const { quick: client } = world.adapter.client;
        const consumer = { topic, groupId: world.groupId, startFrom: 'latest', client } as const;
        const child = world.child({ kind: 'consume', consumer, handlerTime: 0 });
        await child.until('the second one runs', () =>
          child.told('attempt').some(({ text }) => text === 'stuck'),
        );
        await world.untilCommitted(replay, 1);
        await child.kill();
        const member = await world.joined({ topics: [topic] });
        await member.untilHandled('stuck');
        expect(member.tried).toEqual(['stuck']);
      },
    },
  ],
};
