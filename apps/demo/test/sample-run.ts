import type { FilmFailure } from '../src/films/film-events.js';
import { Scoreboard } from '../src/report/scoreboard.js';
import type { RunResult } from '../src/report/summary.js';
import type { TallyResult } from '../src/report/tally.js';
import { Timeline } from '../src/report/timeline.js';

/** A clock that stands still until it is moved. */
export class Clock {
  time = 0;
  readonly now = () => this.time;
}

export const SAMPLE_TALLY: TallyResult = {
  produced: 3_201,
  handled: 3_169,
  deadLettered: 32,
  lost: 0,
  firstLost: [],
  duplicates: { source: 0, output: 3, deadLetters: 0 },
  inBoth: 0,
  strangers: 0,
  spoiled: 0,
  deadLetterReasons: [
    {
      reason: 'release date lies after 2014',
      films: 22,
      example:
        '{"Title":"Showboat","Release Date":"Dec 31 2046","Director":null,"Distributor":"<Universal> & co"}',
    },
    { reason: 'title is not text', films: 10, example: '{"Title":1776,"Release Date":"Nov 09 1972"}' },
  ],
};

/** A run as the demo has them, played on a clock: production, a broker outage, a service outage, the tiers after it. */
export function sampleRun(tally: TallyResult = SAMPLE_TALLY): RunResult {
  const clock = new Clock();
  const timeline = new Timeline(clock.now);
  const scoreboard = new Scoreboard(timeline, 3_201);
  const outages = [
    { label: 'source topic missing', from: 0, to: 2_500 },
    { label: 'broker 2 down', from: 3_300, to: 5_800 },
    { label: 'leader changes', from: 6_300, to: 7_300 },
    { label: 'enrichment service stopped', from: 7_500, to: 11_500 },
  ];
  const open = new Map<string, () => void>();
  for (clock.time = 0; clock.time < 20_000; clock.time += 50) {
    for (const { label, from, to } of outages) {
      if (clock.time === from) open.set(label, timeline.outage(label));
      if (clock.time === to) open.get(label)?.();
    }
    play(clock.time, scoreboard);
  }
  return {
    survey: { path: '/data/films.ndjson', records: 3_201, bytes: 723_007, badLines: 0, firstBadLines: [] },
    tally,
    scoreboard,
    timeline: timeline.snapshot(),
    tiers: [1_000, 2_000, 5_000],
    metrics: {
      attemptsTotal: 9_900,
      successesTotal: 9_539,
      timeoutsTotal: 0,
      errorsByCategory: {
        TopicMissing: 0,
        NetworkIssue: 86,
        AuthenticationIssue: 0,
        ConfigurationIssue: 0,
        Unknown: 275,
      },
      successRate: 0.96,
      timeoutRate: 0,
      averageAttempts: 1.04,
    },
  };
}

const DOWN: FilmFailure = {
  category: 'Unknown',
  error: new TypeError('fetch failed', { cause: { code: 'ECONNREFUSED' } }),
};
const POISON: FilmFailure = { category: 'Unknown', error: new Error('title is not text: 1776') };

function play(time: number, scoreboard: Scoreboard): void {
  const film = (n: number) => `${time}-${n}`;
  const producing = time >= 2_600 && time < 10_600;
  const down = time >= 7_500 && time < 11_500;
  if (producing) scoreboard.sent(20);
  if (producing && !down) {
    for (let n = 0; n < 20; n++) scoreboard.success(film(n), { tier: 0, totalAttempts: n === 0 ? 2 : 1 });
    if (time % 250 === 0) scoreboard.deadLetter(film(99), POISON);
  }
  if (down) {
    for (let n = 0; n < 3; n++) scoreboard.retry(film(n), DOWN);
    scoreboard.handOff(film(0), { ...DOWN, nextTier: 1 + (time % 3) });
    scoreboard.late(1 + (time % 3), time % 97);
  }
  if (time >= 11_500 && time < 18_000 && time % 100 === 0) {
    for (let n = 0; n < 8; n++) scoreboard.success(film(n), { tier: 1 + (n % 3), totalAttempts: 4 + n });
  }
}
