import type { DiagnoseOptions, Finding, Velo } from '@velo/engine';
import { expect } from 'vitest';
import { GUEST } from '../harness/contract-cluster.js';
import { guestsRequirements } from '../harness/guest.js';
import { textOf, type World } from '../harness/world.js';
import type { ScenarioGroup } from '../scenario.js';

async function diagnose(velo: Velo, asked: DiagnoseOptions): Promise<Finding[]> {
  const findings: Finding[] = [];
  for await (const finding of velo.diagnose(asked)) findings.push(finding);
  return findings;
}

const about = (findings: readonly Finding[], check: Finding['check'], subject: string) =>
  findings.filter((finding) => finding.check === check && finding.subject === subject);

/** Two records wait for a minute in the tier, one is a dead letter, one was handled. */
async function busyGroup(world: World): Promise<{ topic: string; tier: string; letters: string }> {
  const topic = await world.topic(2);
  const member = await world.joined({
    topics: [topic],
    retry: { inPlace: { maxAttempts: 1 }, tiers: ['1m'] },
    handler: (record) => {
      if (textOf(record)?.startsWith('later')) throw new Error('later');
      if (textOf(record) === 'never') throw new SyntaxError('never');
    },
  });
  await world.write(topic, 'later 1', 'never', 'good', { value: 'later 2', partition: 1 });
  await member.untilTold('handOff', 2);
  await member.untilTold('deadLetter');
  await world.untilCommitted(topic, 3);
  await world.untilCommitted(topic, 1, 1);
  return { topic, tier: world.ownTopic(topic, 'retry-1m'), letters: world.ownTopic(topic, 'dlt') };
}

/** What `velo.diagnose()` finds out, whatever the client. */
export const diagnosis: ScenarioGroup = {
  name: 'a diagnosis',
  scenarios: [
    {
      name: 'tells topics, lag, what waits and for how long, and dead letters; nothing of the group changes by it',
      everyVersion: true,
      run: async (world) => {
        const { topic, tier, letters } = await busyGroup(world);
        const { client } = world.adapter;
        const findings = await diagnose(world.velo(), {
          groupId: world.groupId,
          topics: [topic],
          client: client.quick,
        });
        expect(about(findings, 'connection', 'brokers')).toMatchObject([{ status: 'ok' }]);
        for (const name of [topic, tier, letters])
          expect(about(findings, 'topic', `topic ${name}`)).toMatchObject([
            { status: 'ok', data: { partitions: 2 } },
          ]);
        expect(about(findings, 'lag', `topic ${topic}`)).toMatchObject([{ status: 'ok', data: { lag: 0 } }]);
        const [waiting] = about(findings, 'waiting', `topic ${tier}`);
        expect(waiting).toMatchObject({ status: 'ok', data: { records: 2 } });
        expect(waiting?.data?.late).toBeLessThan(0);
        expect(waiting?.data?.late).toBeGreaterThan(-60_000);
        const [dead] = about(findings, 'dead-letters', `topic ${letters}`);
        expect(dead).toMatchObject({ status: 'warning', data: { records: 1 } });
        expect(dead?.data?.oldestAge).toBeLessThan(30_000);
        expect(await world.committed(tier)).toBe(0);
        expect(await world.observer.committed(`${world.groupId}-diagnosis`, letters)).not.toContain(0);
        expect(findings.filter(({ status }) => status === 'problem')).toEqual([]);
      },
    },
    {
      name: 'tells how topics are configured and who the members are, or that the client cannot ask',
      on: 'kafka',
      run: async (world) => {
        const { topic, tier, letters } = await busyGroup(world);
        await world.observer.setConfigs(letters, { 'retention.ms': '86400000' });
        await world.observer.setConfigs(tier, { 'cleanup.policy': 'compact' });
        const findings = await diagnose(world.velo(), { groupId: world.groupId, topics: [topic] });
        const [members] = about(findings, 'members', `group ${world.groupId}`);
        const settings = (name: string) =>
          about(findings, 'settings', `topic ${name}`).map(({ status, data = {} }) => [status, data.config]);
        const asks = members?.status !== 'unknown';
        const unknown = ['unknown', undefined];
        expect(settings(letters)).toContainEqual(asks ? ['warning', 'retention.ms=2592000000'] : unknown);
        expect(settings(tier)).toContainEqual(asks ? ['problem', 'cleanup.policy=delete'] : unknown);
        if (asks) expect(members).toMatchObject({ status: 'ok', data: { members: [{}] } });
        else expect(members?.remedy).toContain('kafka-consumer-groups.sh');
        const nobody = await diagnose(world.velo(), { groupId: `${world.groupId}-nobody`, topics: [topic] });
        const status = asks ? 'problem' : 'unknown';
        expect(about(nobody, 'members', `group ${world.groupId}-nobody`)).toMatchObject([{ status }]);
      },
    },
    {
      name: 'names each right that is missing',
      on: 'kafka',
      limit: 60_000,
      run: async (world) => {
        const { topic, letters } = await busyGroup(world);
        const config = { topics: [topic], retry: { tiers: ['1m'] as const } };
        const asked = { groupId: world.groupId, timeout: '5s', ...config } as const;
        const { acls } = await guestsRequirements(world, config);
        const velo = world.velo({}, world.cluster.saslAddress(GUEST));
        const none = await diagnose(velo, asked);
        // A topic that may not be described is as good as missing for some clients.
        expect(about(none, 'topic', `topic ${topic}`)).toMatchObject([{ status: 'problem' }]);
        expect(none.map(({ remedy }) => remedy).join('\n')).toContain(topic);
        await world.observer.grant(
          GUEST.username,
          acls.filter(({ resource }) => resource === 'topic'),
        );
        const withoutGroup = await diagnose(velo, asked);
        const remedies = withoutGroup.map(({ remedy }) => remedy).join('\n');
        expect(remedies).toContain(`--operation Describe --group=${world.groupId}`);
        expect(remedies).toContain(`--operation Read --group=${world.groupId}-diagnosis-`);
        expect(about(withoutGroup, 'dead-letters', `topic ${letters}`)).toMatchObject([
          { status: 'warning' },
        ]);
        await world.observer.grant(GUEST.username, acls);
        const [lag] = about(await diagnose(velo, asked), 'lag', `topic ${topic}`);
        expect(lag).toMatchObject({ status: 'ok', data: { lag: 0 } });
      },
    },
  ],
};
