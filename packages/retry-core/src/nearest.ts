/**
 * The known name that is most like `name`, the first of several; `undefined` if none is known. Upper and lower case
 * count as equal, since most slips are of that kind.
 */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const asked = plain(name);
  let best: string | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const each of known) {
    const edits = distance(asked, plain(each));
    if (edits < least) {
      least = edits;
      best = each;
    }
  }
  return best;
}

/** Whether two names differ by no more than a slip or two: case aside, a letter too many, too few, or another one. */
export function isNear(one: string, other: string): boolean {
  const [a, b] = [plain(one), plain(other)];
  // As many letters must be put in or taken out at the least: most names that stand in an environment end here.
  return Math.abs(a.length - b.length) <= 2 && distance(a, b) <= 2;
}

/** Longer names are cut: comparing takes as long as one times the other. */
const LONGEST = 100;

function plain(name: string): string {
  return name.slice(0, LONGEST).toLowerCase();
}

/** Letters to put in, take out or exchange (Levenshtein), row by row of its table. */
function distance(one: string, other: string): number {
  let above = Array.from({ length: other.length + 1 }, (_, i) => i);
  for (let i = 1; i <= one.length; i++) {
    const row = [i];
    for (let j = 1; j <= other.length; j++) {
      const exchanged = (above[j - 1] as number) + (one[i - 1] === other[j - 1] ? 0 : 1);
      row.push(Math.min(exchanged, (above[j] as number) + 1, (row[j - 1] as number) + 1));
    }
    above = row;
  }
  return above[other.length] as number;
}
