/**
 * The candidate that was most likely meant, or undefined when none is close. A candidate of which the text is the
 * beginning is close; for dotted names the last part alone counts too: `serveStale` is near `lanes.subject.serveStale`.
 */
export function nearest(text: string, candidates: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(text.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = distanceTo(candidate, text);
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/** The end of an error message: `; did you mean 'hold'?`, or nothing when no candidate is close. */
export function didYouMean(text: string, candidates: readonly string[]): string {
  const found = nearest(text, candidates);
  return found === undefined ? '' : `; did you mean '${found}'?`;
}

function distanceTo(candidate: string, text: string): number {
  const tail = candidate.slice(candidate.lastIndexOf('.') + 1);
  const whole = editDistance(text, candidate);
  const begun = text.length >= 3 && candidate.toLowerCase().startsWith(text.toLowerCase()) ? 1 : whole;
  return Math.min(whole, begun, tail === candidate ? whole : editDistance(text, tail));
}

/** How many letters to insert, delete, replace or swap with their neighbor. Upper and lower case are the same. */
export function editDistance(left: string, right: string): number {
  const from = left.toLowerCase();
  const to = right.toLowerCase();
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const same = from[row - 1] === to[column - 1];
      let least = Math.min(
        (previous[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (previous[column - 1] ?? 0) + (same ? 0 : 1),
      );
      const swapped = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      if (swapped) least = Math.min(least, (beforePrevious[column - 2] ?? 0) + 1);
      current.push(least);
    }
    [beforePrevious, previous] = [previous, current];
  }
  return previous[to.length] ?? 0;
}
