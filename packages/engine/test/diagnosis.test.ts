import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ClientBinding } from '../src/binding/binding.js';
import type { DiagnoseOptions, Finding } from '../src/diagnosis/finding.js';
import { createVeloOn } from '../src/velo.js';
import { Consumers } from './support/consumers.js';
import { kafkaError, type MemoryCluster } from './support/memory-cluster.js';
import type { VirtualClock } from './support/virtual-clock.js';

const LETTERS = 'orders-billing-dlt';
const TIER = 'orders-billing-retry-5s';
const DAY = 86_400_000;
const GROUP_AUTHORIZATION_FAILED = 30;
const TOPIC_AUTHORIZATION_FAILED = 29;

let consumers: Consumers;
let cluster: MemoryCluster;
let clock: VirtualClock;

beforeEach(() => {
  consumers = new Consumers();
  ({ cluster, clock } = consumers);
  cluster.create('orders', 2);
  cluster.descriptions.set(LETTERS, {
    effective: { 'retention.ms': String(30 * DAY) },
    replicationFactor: 1,
  });
});
afterEach(async () => {
  await consumers.end();
});

/** All findings; what the binding is asked may be replaced. */
async function diagnose(
  asked: Partial<DiagnoseOptions> = {},
  change: (binding: ClientBinding) => Partial<ClientBinding> = () => ({}),
): Promise<Finding[]> {
  const open = () => {
    const binding = cluster.open();
    return { ...binding, ...change(binding) };
  };
  const velo = createVeloOn(open, { clock, env: {} });
  const findings: Finding[] = [];
  const all = (async () => {
    for await (const finding of velo.diagnose({ groupId: 'billing', topics: ['orders'], ...asked }))
      findings.push(finding);
  })();
  let ended: unknown = 'not yet';
  all.then(
    () => {
      ended = undefined;
    },
    (error: unknown) => {
      ended = { error };
    },
  );
  for (let i = 0; i < 300 && ended === 'not yet'; i++) await clock.advance(500);
  await velo.close();
  if (ended !== undefined) throw (ended as { error?: unknown }).error ?? new Error('it has not ended');
  return findings;
}

async function running(tiers: readonly ['5s'] | readonly [] = []) {
  const { joined } = consumers.start({
    retry: { inPlace: { maxAttempts: 1 }, tiers },
    handler: (record) => {
      if (record.value?.toString().startsWith('bad')) throw new Error('no');
    },
  });
  await clock.advance(100);
  await joined;
  const reads = cluster.members[0]?.membership.topics ?? [];
  const assigned = reads.flatMap((topic) =>
    (cluster.topics.get(topic) ?? []).map((_, partition) => ({ topic, partition })),
  );
  cluster.onDescribeGroup = async () => [{ topics: reads, assigned }];
}

const about = (findings: readonly Finding[], check: Finding['check'], subject: string) =>
  findings.filter((finding) => finding.check === check && finding.subject === subject);
const statuses = (findings: readonly Finding[]) =>
  findings.map(({ check, subject, status }) => `${check} ${subject}: ${status}`);

describe('a diagnosis', () => {
  it('of a group that is well: what is known is fine, in order, and nothing was written or committed', async () => {
    await running();
    cluster.produce('orders', 0, 'good');
    await clock.advance(1_000);
    const commits = cluster.commits.length;
    const topics = [...cluster.topics.keys()];
    expect(statuses(await diagnose())).toEqual([
      'connection brokers: ok',
      'topic topic orders: ok',
      `topic topic ${LETTERS}: ok`,
      `settings topic ${LETTERS}: ok`,
      'members group billing: ok',
      'lag topic orders: ok',
      `dead-letters topic ${LETTERS}: ok`,
      'clock brokers: unknown',
    ]);
    expect(cluster.commits).toHaveLength(commits);
    expect([...cluster.topics.keys()]).toEqual(topics);
  });

  it('tells a source that is missing, and what makes it', async () => {
    cluster.topics.delete('orders');
    const [finding] = about(await diagnose(), 'topic', 'topic orders');
    expect(finding).toMatchObject({ status: 'problem', data: { partitions: 0 } });
    expect(finding?.remedy).toContain('kafka-topics.sh');
  });

  it('tells partitions without a leader, and goes on', async () => {
    cluster.leaderless.add('orders 1');
    const findings = await diagnose();
    expect(findings).toContainEqual(
      expect.objectContaining({ check: 'topic', status: 'problem', data: { leaderless: [1] } }),
    );
    expect(about(findings, 'lag', 'topic orders').map(({ status }) => status)).toEqual([
      'problem',
      'warning',
    ]);
  });

  it('tells topics of velo’s own that are not as they must be, with the commands that mend them', async () => {
    cluster.create(TIER, 1);
    cluster.create(LETTERS, 2);
    cluster.descriptions.set('orders', { replicationFactor: 3, effective: {} });
    cluster.descriptions.set(TIER, {
      replicationFactor: 1,
      effective: { 'retention.ms': '1000', 'cleanup.policy': 'compact' },
    });
    cluster.descriptions.set(LETTERS, {
      replicationFactor: 3,
      effective: { 'retention.ms': String(7 * DAY) },
    });
    const findings = await diagnose();
    expect(about(findings, 'settings', `topic ${TIER}`).map(({ status }) => status)).toEqual([
      'warning',
      'warning',
      'problem',
      'problem',
    ]);
    expect(
      about(findings, 'settings', `topic ${TIER}`)
        .map(({ remedy }) => remedy)
        .join(),
    ).toMatch(/--partitions 2.*cleanup.policy=delete.*retention.ms=604805000/);
    expect(about(findings, 'settings', `topic ${LETTERS}`)).toMatchObject([
      { status: 'warning', data: { config: 'retention.ms=2592000000' } },
    ]);
  });

  it('says so where configurations are not told', async () => {
    cluster.create(LETTERS, 2);
    cluster.descriptions.clear();
    expect(about(await diagnose(), 'settings', `topic ${LETTERS}`)).toMatchObject([{ status: 'unknown' }]);
  });

  it('expects what the configuration names', async () => {
    const findings = await diagnose({
      retry: { tiers: ['1m'] },
      exhausted: { action: 'dead-letter', topic: 'graveyard', retention: '1h' },
    });
    for (const topic of ['orders-billing-retry-1m', 'graveyard'])
      expect(about(findings, 'topic', `topic ${topic}`)).toMatchObject([{ status: 'warning' }]);
    expect(about(findings, 'topic', `topic ${LETTERS}`)).toEqual([]);
  });

  it('finds tiers and replay topics by their names, and those of other groups not', async () => {
    for (const topic of [TIER, 'orders-billing-replay', 'orders-shipping-retry-5s', 'orders-shipping-replay'])
      cluster.create(topic, 2);
    const found = (await diagnose()).filter(({ check }) => check === 'topic').map(({ subject }) => subject);
    expect(found).toEqual([
      'topic orders',
      `topic ${TIER}`,
      'topic orders-billing-replay',
      `topic ${LETTERS}`,
    ]);
  });

  it('tells a group without members', async () => {
    cluster.onDescribeGroup = async () => [];
    expect(about(await diagnose(), 'members', 'group billing')).toMatchObject([{ status: 'problem' }]);
  });

  it('tells partitions that nobody reads who has subscribed to them', async () => {
    const assigned = [0, 1].map((partition) => ({ topic: 'orders', partition }));
    cluster.onDescribeGroup = async () => [
      { topics: ['orders'], assigned: assigned.slice(0, 1) },
      { topics: ['payments'], assigned: assigned.slice(1) },
    ];
    const [members, unread] = about(await diagnose(), 'members', 'group billing');
    expect(members).toMatchObject({ status: 'ok' });
    expect(unread).toMatchObject({ status: 'problem', data: { unread: assigned.slice(1) } });
  });

  it('waits for a rebalance to end, and not for ever', async () => {
    let looks = 0;
    cluster.onDescribeGroup = async () => (looks++ < 3 ? undefined : []);
    expect(about(await diagnose(), 'members', 'group billing')[0]?.status).toBe('problem');
    looks = Number.NEGATIVE_INFINITY;
    expect(about(await diagnose(), 'members', 'group billing')[0]?.status).toBe('warning');
  });

  it('says so where the client cannot ask for members', async () => {
    const [finding] = about(await diagnose(), 'members', 'group billing');
    expect(finding).toMatchObject({ status: 'unknown', remedy: expect.stringContaining('--group billing') });
  });

  it('tells how much is left, and what was deleted unread', async () => {
    await running();
    cluster.committed.set('orders 0', { offset: 2, metadata: '' });
    cluster.produce('orders', 0, { value: null, offset: 5 }, { value: null, offset: 6 });
    cluster.committed.set('orders 0', { offset: 2, metadata: '' });
    const [lost, lag] = about(await diagnose(), 'lag', 'topic orders');
    expect(lost).toMatchObject({ status: 'problem', data: { deleted: 3 } });
    expect(lag).toMatchObject({ status: 'ok', data: { kind: 'source', lag: 2 } });
  });

  it('tells what waits in a tier, and how late the oldest is', async () => {
    await running(['5s']);
    cluster.produce('orders', 0, 'bad 1');
    cluster.produce('orders', 1, 'bad 2');
    await clock.advance(1_000);
    const [waiting] = about(await diagnose(), 'waiting', `topic ${TIER}`);
    expect(waiting).toMatchObject({ status: 'ok', data: { records: 2 } });
    expect(waiting?.text).toContain('is due in');
  });

  it('tells a tier whose records are late', async () => {
    cluster.create(TIER, 2);
    const due = Buffer.from(String(clock.wallTime() - 60_000));
    cluster.produce(TIER, 1, {
      value: Buffer.from('late'),
      headers: [
        ['velo-group', Buffer.from('billing')],
        ['velo-due', due],
      ],
    });
    const [waiting] = about(await diagnose(), 'waiting', `topic ${TIER}`);
    expect(waiting).toMatchObject({
      status: 'warning',
      data: { records: 1, oldest: expect.stringContaining(TIER) },
    });
    expect(waiting?.data?.late).toBeGreaterThanOrEqual(60_000);
  });

  it('tells how many dead letters there may be, how old, and when they go', async () => {
    cluster.create(LETTERS, 2);
    cluster.produce(LETTERS, 0, { value: null, timestamp: clock.wallTime() - 28 * DAY });
    cluster.produce(LETTERS, 1, 'fresh');
    const [letters] = about(await diagnose(), 'dead-letters', `topic ${LETTERS}`);
    expect(letters).toMatchObject({ status: 'warning', data: { records: 2, retention: 30 * DAY } });
    expect(letters?.data?.oldestAge).toBeGreaterThanOrEqual(28 * DAY);
    expect(letters?.text).toMatch(/, the oldest 28d old.*They are deleted after 30d/);
  });

  it('tells a record from the future', async () => {
    cluster.create(LETTERS, 2);
    cluster.produce(LETTERS, 0, { value: null, timestamp: clock.wallTime() + DAY });
    expect((await diagnose()).at(-1)).toMatchObject({ check: 'clock', status: 'warning' });
  });

  it('leaves out what does not come in time, and tells of the others', async () => {
    cluster.create(TIER, 2);
    cluster.create(LETTERS, 2);
    const timestamp = clock.wallTime() - DAY;
    // A transaction that somebody else has left open.
    cluster.produce(TIER, 0, { value: null, transaction: { state: 'open' } });
    cluster.produce(LETTERS, 0, { value: null, timestamp });
    cluster.produce(LETTERS, 1, { value: null, timestamp: timestamp - DAY });
    const findings = await diagnose();
    expect(about(findings, 'waiting', `topic ${TIER}`)).toMatchObject([
      { status: 'unknown', data: { records: 1 } },
    ]);
    const [letters] = about(findings, 'dead-letters', `topic ${LETTERS}`);
    expect(letters?.data?.oldestAge).toBeGreaterThanOrEqual(2 * DAY);
    expect(letters?.data?.oldestAge).toBeLessThan(2 * DAY + 60_000);
  });

  it('reads no more than the oldest record of a partition, and joins no group where there is none', async () => {
    const groups = () => cluster.members.map(({ membership }) => membership.groupId);
    await diagnose();
    expect(groups()).toEqual([]);
    cluster.create(LETTERS, 3);
    cluster.produce(LETTERS, 0, ...Array.from({ length: 5 }, () => ({ value: null })));
    cluster.produce(LETTERS, 2, { value: null, offset: 7 }, { value: null });
    const findings = await diagnose();
    expect(about(findings, 'dead-letters', `topic ${LETTERS}`)).toMatchObject([{ data: { records: 7 } }]);
    expect(groups()).toEqual([expect.stringMatching(/^billing-diagnosis-./)]);
    expect(cluster.members[0]?.membership.topics).toEqual([LETTERS]);
    expect(cluster.members[0]?.stopped).toBe(true);
  });

  it.each([
    { late: 0, status: 'ok', words: 'is due in 0ms' },
    { late: 1, status: 'ok', words: 'is due now' },
    { late: 10_000, status: 'ok', words: 'is due now' },
    { late: 10_001, status: 'warning', words: 'was due' },
  ])('tells a tier whose oldest is late by $late ms', async ({ late, status, words }) => {
    cluster.create(TIER, 2);
    // Without a header that tells when: the wait of the tier after it was written.
    const written = clock.wallTime() - 5_000 - late;
    cluster.produce(TIER, 0, { value: null, timestamp: written + 60_000 });
    cluster.produce(TIER, 1, { value: null, timestamp: written });
    const [waiting] = about(await diagnose(), 'waiting', `topic ${TIER}`);
    expect(waiting).toMatchObject({
      status,
      text: expect.stringContaining(words),
      data: { late, due: written + 5_000, oldest: `${TIER}, partition 1, offset 0` },
    });
  });

  it('tells that there are no dead letters', async () => {
    cluster.create(LETTERS, 2);
    expect(about(await diagnose(), 'dead-letters', `topic ${LETTERS}`)).toMatchObject([
      { status: 'ok', data: { records: 0 } },
    ]);
  });

  it('tells that nothing waits in a tier', async () => {
    cluster.create(TIER, 2);
    expect(about(await diagnose(), 'waiting', `topic ${TIER}`)).toMatchObject([
      { status: 'ok', data: { records: 0 } },
    ]);
  });

  it.each([
    { retention: String(10 * DAY), age: 8 * DAY, near: false },
    { retention: String(10 * DAY), age: 8 * DAY + 1, near: true },
    { retention: '-1', age: 1_000 * DAY, near: false },
    { retention: '0', age: 5, near: false },
  ])('tells that dead letters of $age ms go soon that are kept for $retention: $near', async (given) => {
    const { retention, age, near } = given;
    cluster.create(LETTERS, 2);
    cluster.descriptions.set(LETTERS, { effective: { 'retention.ms': retention } });
    cluster.produce(LETTERS, 0, { value: null, timestamp: clock.wallTime() - age });
    const [letters] = about(await diagnose(), 'dead-letters', `topic ${LETTERS}`);
    expect(letters?.text.includes('They are deleted after')).toBe(near);
    expect(letters?.data).toEqual({
      records: 1,
      oldestAge: age,
      ...(retention !== '-1' && { retention: Number(retention) }),
    });
  });

  it('says nothing of the age of dead letters that have no stamp, and none of the end where it is not told', async () => {
    cluster.create(LETTERS, 2);
    cluster.descriptions.set(LETTERS, { effective: {} });
    cluster.produce(LETTERS, 0, { value: null, timestamp: -1 });
    const [letters] = about(await diagnose(), 'dead-letters', `topic ${LETTERS}`);
    expect(letters).toMatchObject({ status: 'warning', data: { records: 1 } });
    expect(letters?.data).toStrictEqual({ records: 1 });
    expect(letters?.text).not.toMatch(/old|deleted after/);
  });

  it.each([
    { ahead: 1_000, type: undefined, status: 'unknown', words: 'stamped in the future' },
    { ahead: 1_001, type: undefined, status: 'warning', words: 'who has written it' },
    { ahead: 60_000, type: 'CreateTime', status: 'warning', words: 'who has written it' },
    { ahead: 60_000, type: 'LogAppendTime', status: 'warning', words: 'a broker' },
  ])('tells whose clock is $ahead ms ahead: $type', async ({ ahead, type, status, words }) => {
    cluster.create(LETTERS, 2);
    cluster.descriptions.set(LETTERS, {
      effective: type === undefined ? {} : { 'message.timestamp.type': type },
    });
    cluster.produce(LETTERS, 0, { value: null, timestamp: clock.wallTime() });
    cluster.produce(LETTERS, 1, { value: null, timestamp: clock.wallTime() + ahead });
    expect((await diagnose()).at(-1)).toMatchObject({
      check: 'clock',
      status,
      text: expect.stringContaining(words),
      ...(status === 'warning' && { data: { ahead } }),
    });
  });

  it('ends with its connection where that is refused', async () => {
    cluster.onConnect = async () => {
      throw kafkaError(58, 'SASL authentication failed');
    };
    expect(await diagnose()).toMatchObject([{ check: 'connection', status: 'problem' }]);
  });

  it('ends each question that is not answered', async () => {
    const findings = await diagnose({ timeout: '1s' }, () => ({
      partitionCount: () => new Promise(() => {}),
    }));
    expect(about(findings, 'topic', 'topic orders')).toMatchObject([
      { status: 'unknown', text: expect.stringContaining('1s') },
    ]);
  });
});

describe('a right that is missing', () => {
  const refuse = (code: number) => async () => {
    throw kafkaError(code, 'not allowed');
  };

  it.each([
    {
      method: 'partitionCount',
      code: TOPIC_AUTHORIZATION_FAILED,
      right: '--operation Describe --topic=orders',
    },
    {
      method: 'describeGroup',
      code: GROUP_AUTHORIZATION_FAILED,
      right: '--operation Describe --group=billing',
    },
    { method: 'committed', code: GROUP_AUTHORIZATION_FAILED, right: '--operation Describe --group=billing' },
    {
      method: 'join',
      code: GROUP_AUTHORIZATION_FAILED,
      right: '--operation Read --group=billing-diagnosis- --resource-pattern-type prefixed',
    },
  ])('is named with the command that gives it: $method', async ({ method, code, right }) => {
    cluster.create(LETTERS, 2);
    cluster.produce(LETTERS, 0, 'letter');
    const findings = await diagnose({}, () => ({ [method]: refuse(code) }));
    const told = findings.filter(({ remedy }) => remedy?.includes(right));
    expect(told).not.toEqual([]);
    for (const { status } of told) expect(status).toBe(method === 'join' ? 'unknown' : 'problem');
    // The others are asked all the same.
    expect(findings.at(-1)).toMatchObject({ check: 'clock', status: 'unknown' });
  });

  it('is named for offsets, which each partition answers by itself', async () => {
    cluster.create(LETTERS, 2);
    const findings = await diagnose({}, () => ({
      offsets: (partitions) => partitions.map(refuse(TOPIC_AUTHORIZATION_FAILED)),
    }));
    expect(about(findings, 'lag', 'topic orders')).toMatchObject([{ status: 'problem' }]);
    expect(about(findings, 'lag', `topic ${LETTERS}`)).toMatchObject([{ status: 'problem' }]);
    expect(findings.at(-1)).toMatchObject({ check: 'clock', status: 'unknown' });
  });
});

describe('the end of a diagnosis', () => {
  it('comes with the signal, whose reason is thrown', async () => {
    const life = new AbortController();
    const reason = new Error('enough');
    const slow = () => ({ partitionCount: () => new Promise<number>(() => {}) });
    const ended = diagnose({ signal: life.signal }, slow);
    await clock.advance(100);
    life.abort(reason);
    await expect(ended).rejects.toBe(reason);
    expect(cluster.openClients).toBe(0);
  });

  it('comes with the loop that takes it', async () => {
    const velo = createVeloOn(cluster.open, { clock, env: {} });
    for await (const { check } of velo.diagnose({ groupId: 'billing', topics: ['orders'] })) {
      expect(check).toBe('connection');
      break;
    }
    expect(cluster.openClients).toBe(0);
    await velo.close();
  });

  it('comes with velo’s', async () => {
    const velo = createVeloOn(
      () => ({ ...cluster.open(), partitionCount: () => new Promise<number>(() => {}) }),
      { clock, env: {} },
    );
    const all = (async () => {
      for await (const _ of velo.diagnose({ groupId: 'billing', topics: ['orders'] }));
    })();
    const outcome = expect(all).rejects.toMatchObject({ code: 'VELO_ABORTED' });
    await clock.advance(100);
    await velo.close();
    await outcome;
    expect(cluster.openClients).toBe(0);
  });

  it('is that of a velo that is closed: nothing begins', async () => {
    const velo = createVeloOn(cluster.open, { clock, env: {} });
    await velo.close();
    expect(() => velo.diagnose({ groupId: 'billing', topics: ['orders'] })).toThrow(/closed/);
  });

  it.each([
    { groupId: '' },
    { topics: [] },
    { topics: 'orders' },
    { timeout: 1 },
    { topic: ['orders'] },
    { retry: { tier: [] } },
  ])('is an error at once for %o', (wrong) => {
    const velo = createVeloOn(cluster.open, { clock, env: {} });
    const asked = { groupId: 'billing', topics: ['orders'], ...wrong } as unknown as DiagnoseOptions;
    expect(() => velo.diagnose(asked)).toThrow(expect.objectContaining({ code: 'VELO_INVALID_OPTION' }));
  });
});
