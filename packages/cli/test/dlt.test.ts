import { javaAvailable, startEmbeddedBroker, startKafka } from '@velo/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Stage, startStage } from './stage.js';
import { HARMFUL, scratch, startVelo, velo, veloInTerminal } from './support.js';

/** What velo itself sends to a terminal: colours, a line drawn anew, the cursor hidden and shown. */
const OWN = new RegExp(`${'\u001b'}\\[(?:\\d*m|2K|\\?25[hl]|\\d*[GJ])|\\r`, 'g');

const ESCAPES = '\u001b]0;owned\u0007\u001b[31m\u009b2J\u202e\r';

const BROKERS = [
  { name: 'the embedded broker', available: true, start: () => startEmbeddedBroker() },
  { name: 'a real Kafka', available: javaAvailable(), start: () => startKafka() },
];

describe.each(BROKERS)('velo dlt on $name', ({ available, start }) => {
  describe.skipIf(!available)('', () => {
    let kafka: Awaited<ReturnType<typeof start>>;
    const stage = () => startStage(kafka.brokers);
    const env = () => ({ VELO_BROKERS: kafka.brokers.join() });
    const exampleOf = async (of: Stage, part: string): Promise<string> => {
      const { out } = await of.dlt('list', '--json');
      const groups = JSON.parse(out).topics.flatMap((topic: { groups: unknown[] }) => topic.groups);
      return groups.find(({ error }: { error: { message: string } }) => error.message.includes(part)).example;
    };

    beforeAll(async () => {
      kafka = await start();
    }, 60_000);
    afterAll(() => kafka?.stop());

    it('leads from the list to a replay that was handled', async () => {
      await using billing = await stage();
      await billing.fail(['1', '2', '3', 'bad 4']);
      const { code, out } = await billing.dlt('list');
      expect(code).toBe(0);
      expect(out).toContain(`${billing.deadLetters}: 4 open`);
      expect(out).toMatch(
        /^ {4}3 {2}exhausted +NetworkIssue +\w+ +\d+s ago +3 +Error: connect ECONNREFUSED/m,
      );
      expect(out).toMatch(/^ {4}1 {2}permanent +\w+ +\w+ +\d+s ago +1 +PermanentError: a bad order/m);

      const [, see = ''] = /velo dlt show (\S+)/.exec(out) ?? [];
      const shown = await billing.dlt('show', see);
      expect(shown.out).toMatch(/source +orders.*, partition \d, offset \d/);
      expect(shown.out).toContain('velo-error-message');

      const [, replay = ''] = /velo dlt replay (.*)/.exec(out) ?? [];
      const planned = await velo(['dlt', 'replay', ...replay.split(' ')], env());
      expect(planned).toMatchObject({ code: 0, out: expect.stringContaining('would be replayed  3') });
      expect(await billing.open()).toBe(4);

      billing.mend();
      const replayed = await billing.dlt('replay', '--where', 'reason=exhausted', '--canary', '--yes');
      expect(replayed).toMatchObject({ code: 0, out: expect.stringMatching(/replayed {2}3.*was handled/s) });
      await expect.poll(() => [...billing.handled].sort(), { timeout: 10_000 }).toEqual(['1', '2', '3']);
      expect(await billing.open()).toBe(1);
      expect((await billing.dlt('history', see)).out).toContain('replayed, to');

      // Each at most once.
      const again = await billing.dlt('replay', '--where', 'reason=exhausted', '--yes');
      expect(again).toMatchObject({ code: 0, out: expect.stringContaining('replayed  0') });
    });

    it('asks in a terminal, and needs --yes without one', async () => {
      await using billing = await stage();
      await billing.fail(['1']);
      billing.mend();
      const { code, err } = await billing.dlt('replay');
      expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining('--yes') });
      const typed = (answer: string) =>
        veloInTerminal(billing.args('replay'), { env: env(), answers: [[/Go on\?/, answer]] });
      expect(await typed('n\r')).toMatchObject({
        code: 1,
        screen: expect.stringContaining('Nothing was done'),
      });
      expect(await typed('\u0004')).toMatchObject({ code: 1 });
      expect(await typed('\u0003')).toMatchObject({ code: 130 });
      expect(await billing.open()).toBe(1);
      const yes = await typed('y\r');
      expect(yes).toMatchObject({ code: 0, screen: expect.stringContaining('1 dead letter of group') });
      await expect.poll(() => billing.handled, { timeout: 10_000 }).toEqual(['1']);
    });

    it('ends with 1 where the canary dies again, and sends no others', async () => {
      await using billing = await stage();
      await billing.fail(['1', '2', '3']);
      const { code, out } = await billing.dlt('replay', '--canary', '--yes');
      expect({ code, out }).toEqual({ code: 1, out: expect.stringMatching(/replayed {2}1.*is dead again/s) });
      expect(await billing.open()).toBe(3);
    });

    it('ends with 1 where copies are refused, and says why; they stay open', async () => {
      await using billing = await stage();
      await billing.fail(['1']);
      const { code, out, err } = await billing.dlt('replay', '--to', 'no-such-topic', '--yes');
      expect(code).toBe(1);
      expect(out + err).toContain('no-such-topic');
      expect(await billing.open()).toBe(1);
    });

    it('discards with a note, and not all by mistake', async () => {
      await using billing = await stage();
      await billing.fail(['bad 1', '2']);
      expect(await billing.dlt('discard', '--note', 'x', '--yes')).toMatchObject({
        code: 2,
        err: expect.stringContaining('--all'),
      });
      const at = await exampleOf(billing, 'bad order');
      const discard = ['discard', '--where', 'reason=permanent', '--note', `test ${ESCAPES}`];
      expect(await billing.dlt(...discard, '--dry-run')).toMatchObject({
        code: 0,
        out: expect.stringContaining('would be discarded  1'),
      });
      expect(await billing.dlt(...discard, '--yes')).toMatchObject({ code: 0, out: 'discarded  1\n' });
      expect(await billing.open()).toBe(1);
      const { out } = await billing.dlt('history', at);
      expect(out).toMatch(/discarded .*test/);
      expect(out).not.toMatch(HARMFUL);
    });

    it('goes on after a signal where it was', async () => {
      await using billing = await stage();
      const values = Array.from({ length: 40 }, (_, index) => String(index));
      await billing.fail(values);
      billing.mend();
      const { child, ended } = startVelo(billing.args('replay', '--yes', '--rate', '8'), { env: env() });
      await expect.poll(() => billing.handled.length, { timeout: 20_000 }).toBeGreaterThan(2);
      child.kill('SIGINT');
      expect(await ended).toMatchObject({ code: 130, err: expect.stringContaining('goes on where it was') });
      const open = await billing.open();
      expect(open).toBeGreaterThan(0);
      expect(open).toBeLessThan(40);
      expect((await billing.dlt('replay', '--yes')).code).toBe(0);
      await expect.poll(() => billing.handled.length, { timeout: 10_000 }).toBe(40);
      expect([...billing.handled].sort()).toEqual([...values].sort());
    });

    it('prints nothing harmful of a hostile record, in any command', async () => {
      await using billing = await stage();
      const many = Array.from(
        { length: 3_000 },
        (_, index) => [`h${index}${ESCAPES}`, Buffer.alloc(300, 0x9b)] as const,
      );
      await billing.fail([
        {
          key: ESCAPES,
          value: `bad ${ESCAPES}`,
          headers: [
            ['velo-due', ESCAPES],
            ['velo-original-partition', '-1'],
            ['dup', null],
            ['dup', ESCAPES],
            ...many,
          ],
        },
      ]);
      const at = await exampleOf(billing, 'bad order');
      await using folder = await scratch();
      const file = folder.file('export.ndjson');
      const commands = [
        ['list'],
        ['list', '--json'],
        ...['auto', 'text', 'json', 'hex'].map((form) => ['show', at, '--as', form]),
        ['show', at, '--json'],
        ['history', at],
        ['replay', '--dry-run'],
        ['discard', '--note', 'x', '--all', '--dry-run'],
        ['export'],
        ['export', '--out', file],
      ];
      const check = async (command: readonly string[]) => {
        const { code, out, err } = await billing.dlt(...command);
        expect({ command, code }).toEqual({ command, code: 0 });
        expect(out + err).not.toMatch(HARMFUL);
        const seen = await veloInTerminal(billing.args(...command), { env: env() });
        expect({ command, code: seen.code }).toEqual({ command, code: 0 });
        expect(seen.screen.replace(OWN, '')).not.toMatch(HARMFUL);
      };
      while (commands.length > 0) await Promise.all(commands.splice(0, 2).map(check));
      const { out } = await billing.dlt('show', at);
      expect(out.length).toBeLessThan(100_000);
      expect(out).toMatch(/Headers: 30\d\d/);
      expect((await velo(['dlt', 'import', file, '--yes'], env())).code).toBe(0);
      expect(await billing.open()).toBe(2);
    }, 120_000);
  });
});
