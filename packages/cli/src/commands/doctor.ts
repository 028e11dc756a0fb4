import type { Finding, FindingStatus } from '@velo/kafkajs';
import { categorizeErrorMessage, printableLines, shellWord } from '@velo/retry-core';
import { connect } from '../connection/connect.js';
import type { Context } from '../context.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { cell } from '../terminal/escape.js';
import { json as printableJson } from '../terminal/json.js';
import type { Writer } from '../terminal/writer.js';
import { connecting, count, duration, durations, ending, examples, repeatable } from './command.js';

/** Of a finding's texts, in characters. */
const LONGEST = 2_000;

const MARKS: Readonly<Record<FindingStatus, string>> = {
  ok: 'ok',
  warning: 'warning',
  problem: 'PROBLEM',
  unknown: 'unknown',
};

/** `velo doctor`: what stands between a group and its records. */
export const doctorCommand = (context: Context) =>
  connecting('doctor')
    .summary('examine a group: topics, members, lag, tiers, dead letters')
    .description(
      "Connects and looks: a line for each thing, ok or what to do. Source and own topics, members of the group, lag, records that\nwait and how late, open dead letters, this machine's clock. Writes nothing. Ends with 1 where there is a problem.",
    )
    .requiredOption('--group <GROUP>', 'the consumer group')
    .requiredOption('--topic <TOPIC>', 'a source that it reads; repeatable', repeatable)
    .option('--tiers <DURATION,…>', 'the tiers of its consumer (default: found by their names)', durations)
    .option('--timeout <DURATION>', 'for each question to the brokers (default: 10s)', duration)
    .addHelpText(
      'after',
      examples(
        'velo doctor --group billing --topic orders --brokers localhost:9092',
        'velo doctor --group billing --topic orders --tiers 5s,1m,10m --json',
      ),
    )
    .action(
      ending(context, async ({ group, topic, tiers, timeout, json = false, ...flags }) => {
        const { out, signal } = context;
        await using connection = await connect(flags, context);
        const findings: Finding[] = [];
        const asked = connection.velo.diagnose({
          groupId: group,
          topics: topic,
          signal,
          timeout,
          ...(tiers !== undefined && { retry: { tiers } }),
        });
        for await (const finding of asked) {
          findings.push(finding);
          if (!json) print(finding, group, out);
        }
        const isUnreachable = findings.some(({ check, status }) => check === 'connection' && status !== 'ok');
        const refusal = isUnreachable ? await connection.refusal() : undefined;
        if (json) out.line(printableJson({ groupId: group, findings }, 2));
        if (refusal !== undefined) throw refusal;
        if (!json) out.line(`\n${sum(findings)}`);
        return codeOf(findings);
      }),
    );

function print(
  { check, subject, status, text, remedy }: Finding,
  group: string,
  { colors, line }: Writer,
): void {
  const advice =
    check === 'dead-letters' && remedy !== undefined ? `velo dlt list --group ${shellWord(group)}` : remedy;
  const colour = { ok: colors.green, warning: colors.yellow, problem: colors.red, unknown: colors.dim };
  line(
    `${colour[status](MARKS[status].padEnd(8))}${colors.bold(cell(subject, 300))}: ${cell(text, LONGEST)}`,
  );
  for (const each of printableLines(advice ?? '')
    .split('\n')
    .filter(Boolean))
    line(colors.dim(`        ${each}`));
}

function sum(findings: readonly Finding[]): string {
  const of = (status: FindingStatus) => findings.filter((finding) => finding.status === status).length;
  const unknown = of('unknown') === 0 ? '' : `, ${of('unknown')} not known`;
  return `${count(of('problem'), 'problem')}, ${count(of('warning'), 'warning')}, ${of('ok')} ok${unknown}`;
}

/** A login that was refused is told as such by the finding of the connection. */
function codeOf(findings: readonly Finding[]): ExitCode {
  const problems = findings.filter(({ status }) => status === 'problem');
  if (problems.length === 0) return EXIT.done;
  const refused = problems.some(
    ({ check, data }) =>
      check === 'connection' && categorizeErrorMessage(String(data?.error)) === 'AuthenticationIssue',
  );
  return refused ? EXIT.hopeless : EXIT.failed;
}
