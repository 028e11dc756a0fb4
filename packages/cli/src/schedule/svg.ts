import { formatDuration } from '@velo/retry-core';
import { spanText } from './bars.js';
import type { Step } from './schedule.js';

/** Pixels. */
const ROW = 24;
const BAR = 14;
const LEFT = 150;
const BARS = 420;
const RIGHT = 190;
const TOP = 46;
const WIDTH = LEFT + BARS + RIGHT;

/** Readable on light and on dark: texts take the colour that the reader's scheme has. */
const STYLE = `text{font:13px system-ui,sans-serif;fill:#1f2328}.dim{fill:#59636e}.title{font-weight:600}.least{fill:#0969da}.most{fill:#0969da;opacity:.3}@media(prefers-color-scheme:dark){text{fill:#f0f6fc}.dim{fill:#9198a1}.least,.most{fill:#4493f8}}`;

/**
 * The schedule as one SVG document, a bar for each wait.
 *
 * Written by hand: five kinds of elements, where a library for plots would bring 62 packages along.
 */
export function scheduleSvg(
  steps: readonly Step[],
  nameOf: (step: Step) => string,
  title: string,
  end: string,
): string {
  const longest = Math.max(1, ...steps.map(({ wait }) => wait.most));
  const height = TOP + ROW * (steps.length + 1) + 8;
  const rows = steps.map((step, index) => row(step, nameOf(step), TOP + ROW * index, longest));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<style>${STYLE}</style>`,
    `<text class="title" x="8" y="22">${escaped(title)}</text>`,
    ...rows,
    `<text class="dim" x="${LEFT}" y="${TOP + ROW * steps.length + 17}">${escaped(end)}</text>`,
    '</svg>',
    '',
  ].join('\n');
}

function row({ attempt, wait, at }: Step, name: string, y: number, longest: number): string {
  const length = (ms: number) => ((BARS * ms) / longest).toFixed(1);
  const bar = (kind: string, ms: number) =>
    `<rect class="${kind}" x="${LEFT}" y="${y + 4}" width="${length(ms)}" height="${BAR}" rx="2"/>`;
  const text = attempt === 1 ? 'at once' : spanText(wait);
  return [
    `<text x="8" y="${y + 16}">${attempt}. <tspan class="dim">${escaped(name)}</tspan></text>`,
    wait.most > wait.least ? bar('most', wait.most) : '',
    wait.least > 0 ? bar('least', wait.least) : '',
    `<text x="${(LEFT + (BARS * wait.most) / longest + 8).toFixed(1)}" y="${y + 16}">${escaped(text)}</text>`,
    `<title>${escaped(`attempt ${attempt}: ${spanText(at)} since the first`)}</title>`,
  ]
    .join('')
    .replace(/^/, '<g>')
    .concat('</g>');
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

const escaped = (text: string): string => text.replace(/[&<>"]/g, (sign) => ENTITIES[sign] as string);

/** Of all waits together, for the end of a drawing. */
export const endText = ({ at }: Step, what: string): string =>
  at.most > at.least
    ? `${what} after ${formatDuration(Math.round(at.most))} at the latest, and what the attempts take`
    : `${what} after ${formatDuration(Math.round(at.most))}, and what the attempts take`;
