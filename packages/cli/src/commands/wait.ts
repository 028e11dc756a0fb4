import type { TopicWait } from '@velo/kafkajs';
import { categorizeKafkaError, formatDuration, printed } from '@velo/retry-core';
import { connect } from '../connection/connect.js';
import type { Context } from '../context.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { type End, explainEnd } from '../explain-end.js';
import { connecting, duration, ending, examples, repeatable } from './command.js';

const DEFAULT_TIMEOUT = '60s';

/** `velo wait`: until topics are there, as an init container needs it. */
export const waitCommand = (context: Context) =>
  connecting('wait')
    .summary('wait until topics exist, and say why they do not')
    .description(
      'Waits until all topics exist. Each reason why one does not is printed when it changes.\nEnds with 0 when all are there, 1 when the time is over, 3 when waiting will not help.',
    )
    .requiredOption('--topic <TOPIC>', 'a topic to wait for; repeatable', repeatable)
    .option(
      '--timeout <DURATION>',
      `how long, all in all (default: ${DEFAULT_TIMEOUT}; 0 looks once)`,
      duration,
    )
    .addHelpText(
      'after',
      examples(
        'velo wait --topic orders --brokers localhost:9092',
        'velo wait --topic orders --topic payments --timeout 5m --config client.properties',
      ),
    )
    .action(
      ending(
        context,
        async ({ topic: topics, timeout = duration(DEFAULT_TIMEOUT), json = false, ...flags }) => {
          await using connection = await connect(flags, context);
          const { velo, refusal } = connection;
          const news = json ? jsonNews(context) : plainNews(context);
          const hopeless = new AbortController();
          const signal = AbortSignal.any([context.signal, hopeless.signal]);
          let isAsked = false;

          /** Where waiting will not help for one, nobody waits for the others. */
          const giveUp = (topic: string, error: unknown): ExitCode => {
            if (signal.aborted) return EXIT.hopeless;
            const end = explainEnd(error, { topic, bootstrapServers: connection.brokers });
            news.gaveUp(topic, end);
            if (end.exitCode === EXIT.hopeless) hopeless.abort();
            return end.exitCode;
          };
          const onWait = (wait: TopicWait): void => {
            news.missing(wait);
            if (isAsked || wait.category !== 'NetworkIssue') return;
            isAsked = true;
            void refusal().then((error) => error && giveUp(wait.topic, error));
          };
          const waitFor = async (topic: string): Promise<ExitCode> => {
            const started = performance.now();
            try {
              await velo.waitForTopic(topic, { timeout, signal, onWait });
            } catch (error) {
              context.signal.throwIfAborted();
              const refused = categorizeKafkaError(error) === 'NetworkIssue' ? await refusal() : undefined;
              return giveUp(topic, refused ?? error);
            }
            news.there(topic, Math.round(performance.now() - started));
            return EXIT.done;
          };
          const ends = await Promise.all([...new Set(topics)].map(waitFor));
          return Math.max(...ends) as ExitCode;
        },
      ),
    );

/** What is told of a wait. */
interface News {
  missing(wait: TopicWait): void;
  there(topic: string, elapsed: number): void;
  gaveUp(topic: string, end: End): void;
}

/** Of an explanation, what stays the same from one look to the next: brokers and addresses may take turns. */
const reasonOf = (explanation: string): string => explanation.split('\nOriginal error:')[0] as string;

/** Tells each change of reason, and all that is to be done about it only once. */
class Reasons {
  readonly #current = new Map<string, string>();
  readonly #told = new Set<string>();

  /** @returns what there is to tell: all of it, the reason alone, or nothing */
  changed({ topic, explanation }: TopicWait): string | undefined {
    const reason = reasonOf(explanation);
    if (this.#current.get(topic) === reason) return undefined;
    this.#current.set(topic, reason);
    return this.brief(explanation);
  }

  /** The explanation, or the reason alone where all was told before. */
  brief(explanation: string): string {
    const reason = reasonOf(explanation).replace(/^Waited [^.]*[.] /, '');
    if (this.#told.has(reason)) return reasonOf(explanation);
    this.#told.add(reason);
    return explanation;
  }
}

function plainNews({ out, err, secrets }: Context): News {
  const reasons = new Reasons();
  const after = (ms: number) => `after ${formatDuration(Math.round(ms))}`;
  return {
    missing(wait) {
      const text = reasons.changed(wait);
      if (text === undefined) return;
      const [headline, ...rest] = secrets.strip(text).split('\n');
      out.line(`${out.colors.yellow('waiting')} ${after(wait.elapsed)}: ${headline}`);
      for (const line of rest) out.line(out.colors.dim(`  ${line}`));
    },
    there: (topic, elapsed) => out.line(`${out.colors.green('there')} ${after(elapsed)}: ${printed(topic)}`),
    gaveUp: (topic, { text }) =>
      err.line(`${err.colors.red('gave up')} on ${printed(topic)}: ${secrets.strip(reasons.brief(text))}`),
  };
}

function jsonNews({ out, secrets }: Context): News {
  const reasons = new Reasons();
  const tell = (line: object) => out.line(JSON.stringify(line));
  return {
    missing(wait) {
      if (reasons.changed(wait) === undefined) return;
      const { topic, elapsed, category, explanation } = wait;
      const reason = secrets.strip(explanation);
      tell({ topic, state: 'waiting', elapsed: Math.round(elapsed), category, reason });
    },
    there: (topic, elapsed) => tell({ topic, state: 'there', elapsed }),
    gaveUp: (topic, { text, exitCode }) =>
      tell({ topic, state: 'gave-up', exitCode, reason: secrets.strip(text) }),
  };
}
