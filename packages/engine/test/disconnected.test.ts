import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ConsumerInTest, Consumers } from './support/consumers.js';
import type { MemoryMember } from './support/memory-cluster.js';

/** ms. A look; what is silent; when a new member may help. */
const LOOK = 1_000;
const SILENT = 5_000;
const LOST = 10_000;

let world: Consumers;
/** Whether the brokers answer what is asked over other connections. */
let answers: boolean;

beforeEach(() => {
  world = new Consumers();
  world.cluster.create('orders', 2);
  answers = true;
  world.cluster.onOffsets = () => {
    if (!answers) throw new Error('no answer');
  };
});
afterEach(() => world.end());

async function started(): Promise<ConsumerInTest & { readonly members: MemoryMember[] }> {
  const one = world.start({}, 'disconnected', 'crashed', 'restarted', 'dead');
  await world.clock.advance(0);
  await one.joined;
  return { ...one, members: world.cluster.members };
}

/** An answer is due since so many ms. */
function owes(member: MemoryMember | undefined, time: number, refused?: number): void {
  if (member === undefined) return;
  const answers = [
    { from: 'broker b:1', time, refused: false, error: undefined },
    { from: 'broker b:2', time: refused ?? 0, refused: true, error: new Error('certificate has expired') },
  ];
  member.heard = { sinceAnswer: time, overdue: answers.filter((answer) => answer.time > 0) };
}

const state = ({ consumer }: ConsumerInTest) => consumer.health().state;

describe('a broker that owes an answer', () => {
  it.each([
    { time: SILENT - 1, expected: 'running' },
    { time: SILENT, expected: 'disconnected' },
  ])('for $time ms: $expected', async ({ time, expected }) => {
    const one = await started();
    owes(one.members[0], time);
    await world.clock.advance(LOOK);
    expect(state(one)).toBe(expected);
  });

  it('is told once, with what to do, and so is its end', async () => {
    const one = await started();
    owes(one.members[0], SILENT);
    await world.clock.advance(3 * LOOK);
    owes(one.members[0], 0);
    await world.clock.advance(3 * LOOK);
    expect(one.told('disconnected')).toEqual([
      {
        from: 'broker b:1',
        silent: SILENT,
        explanation: expect.stringContaining('"billing" is not answered by broker b:1'),
      },
      {
        from: undefined,
        silent: 0,
        explanation: expect.stringContaining('answer the member of group "billing"'),
      },
    ]);
    expect(state(one)).toBe('running');
  });

  it('to this member alone: a new member takes its place', async () => {
    const one = await started();
    owes(one.members[0], LOST);
    await world.clock.advance(LOOK);
    expect(one.members[0]?.stopped).toBe(true);
    expect(one.told('crashed')[0]?.error).toMatchObject({ code: 'VELO_CLIENT' });
    await world.clock.advance(LOOK);
    expect(one.members).toHaveLength(2);
    expect(one.told('restarted')).toHaveLength(1);
    expect(state(one)).toBe('running');
  });

  it('to nobody: the member stays, and waits', async () => {
    const one = await started();
    answers = false;
    owes(one.members[0], 60 * LOST);
    await world.clock.advance(60 * LOOK);
    expect(one.members).toHaveLength(1);
    expect(state(one)).toBe('disconnected');
    answers = true;
    await world.clock.advance(2 * LOOK);
    expect(one.members).toHaveLength(2);
  });

  it('and coordinates the group, but answers nobody: the member stays, as a new one could not join', async () => {
    let coordinates = true;
    world.cluster.onDescribeGroup = () => (coordinates ? Promise.resolve(undefined) : new Promise(() => {}));
    const one = await started();
    coordinates = false;
    owes(one.members[0], 60 * LOST);
    await world.clock.advance(60 * LOOK);
    expect(one.members).toHaveLength(1);
    coordinates = true;
    await world.clock.advance(7 * LOOK);
    expect(one.members).toHaveLength(2);
  });

  it('as it refuses each connection: that is told, and the member stays, as a new one could not have any', async () => {
    const one = await started();
    owes(one.members[0], 0, 60 * LOST);
    await world.clock.advance(60 * LOOK);
    const explanation = expect.stringContaining(
      'is not answered by broker b:2 (certificate has expired): that',
    );
    expect(one.told('disconnected')).toMatchObject([{ from: 'broker b:2', silent: 60 * LOST, explanation }]);
    expect(one.told('crashed')).toEqual([]);
    expect(state(one)).toBe('disconnected');
  });

  it('in silence, while another one refuses for longer: a new member takes its place', async () => {
    const one = await started();
    owes(one.members[0], LOST - 1, 60 * LOST);
    await world.clock.advance(2 * LOOK);
    expect(one.told('crashed')).toEqual([]);
    owes(one.members[0], LOST, 60 * LOST);
    await world.clock.advance(2 * LOOK);
    expect(one.told('crashed')).toMatchObject([{ error: { message: expect.stringContaining('b:1') } }]);
    expect(one.members).toHaveLength(2);
  });

  it('is asked for by one question at a time, which has its own limit', async () => {
    const one = await started();
    let asked = 0;
    world.cluster.onOffsets = () => {
      asked++;
      return new Promise<void>(() => {});
    };
    owes(one.members[0], LOST);
    await world.clock.advance(5 * LOOK);
    expect(asked).toBe(1);
    await world.clock.advance(3 * LOOK);
    expect(asked).toBe(2);
  });

  it('and gives it while the others are asked, costs nothing', async () => {
    const one = await started();
    let answer = () => {};
    world.cluster.onOffsets = () =>
      new Promise<void>((resolve) => {
        answer = resolve;
      });
    owes(one.members[0], LOST);
    await world.clock.advance(LOOK);
    owes(one.members[0], 0);
    answer();
    await world.clock.advance(LOOK);
    expect(one.members).toHaveLength(1);
  });
});

it('health tells when a broker has answered last, over a restart too', async () => {
  const one = await started();
  expect(one.consumer.health().lastContact).toBe(world.clock.wallTime());
  owes(one.members[0], 3_000);
  const last = world.clock.wallTime() - 3_000;
  expect(one.consumer.health().lastContact).toBe(last);
  one.members[0]?.crash(Object.assign(new Error('gone'), { name: 'KafkaJSConnectionError' }));
  expect(one.consumer.health()).toMatchObject({ state: 'retrying', lastContact: last });
});
