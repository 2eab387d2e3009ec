import { printable } from './printable.ts';

/** Columns of a report: it fits a terminal and a mail. */
export const pageWidth = 100;

const indent = '  ';
const between = '  ';
/** A column is not cut below this. */
const minWidth = 8;

/**
 * A table as lines, numbers to the right. Where it is too wide the widest columns are cut. Nothing for no rows.
 * `align` has one letter per column: l or r.
 */
export function table(align: string, head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  if (rows.length === 0) return [];
  const cells = [head, ...rows].map((row) => row.map(printable));
  const widths = fit(head.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0))));
  return cells.map((row) => {
    const padded = row.map((cell, column) => {
      const width = widths[column] ?? 0;
      const cut = cell.length > width ? `${cell.slice(0, width - 1)}…` : cell;
      return align[column] === 'r' ? cut.padStart(width) : cut.padEnd(width);
    });
    return `${indent}${padded.join(between)}`.trimEnd();
  });
}

/** Breaks a text into lines of at most the page's width; lines after the first are indented further. */
export function wrap(text: string, first = indent, rest = `${first}  `): string[] {
  const lines: string[] = [];
  let line = first;
  let isEmpty = true;
  for (const word of printable(text).split(' ').flatMap(chop)) {
    if (!isEmpty && line.length + 1 + word.length > pageWidth) {
      lines.push(line);
      line = rest;
      isEmpty = true;
    }
    line += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  return [...lines, line];
}

/** A word too long for a line is cut in pieces, so that nothing is lost. */
function chop(word: string): readonly string[] {
  const most = pageWidth - 20;
  if (word.length <= most) return [word];
  return [word.slice(0, most), ...chop(word.slice(most))];
}

function fit(widths: readonly number[]): readonly number[] {
  const total = indent.length + widths.reduce((sum, width) => sum + width, 0) + between.length * (widths.length - 1);
  const widest = Math.max(...widths);
  if (total <= pageWidth || widest <= minWidth) return widths;
  const column = widths.indexOf(widest);
  return fit(widths.with(column, Math.max(minWidth, widest - (total - pageWidth))));
}
