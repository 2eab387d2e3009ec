/** Widest line of everything that is printed as plain text. */
export const maxColumns = 100;

/** Breaks a text into lines of at most `maxColumns`, all but the first indented. A word that is too long stays whole. */
export function wrap(first: string, text: string, indent: number): string[] {
  const lines: string[] = [];
  let line = first;
  let empty = true;
  for (const word of text.split(/\s+/).filter((part) => part !== '')) {
    if (!empty && line.length + 1 + word.length > maxColumns) {
      lines.push(line);
      line = ' '.repeat(indent);
      empty = true;
    }
    line += empty ? word : ` ${word}`;
    empty = false;
  }
  lines.push(line.trimEnd());
  return lines;
}

/** Rows of a label and a text, the texts one below the other. */
export function table(rows: readonly (readonly [label: string, text: string])[], indent = 0): string[] {
  const width = indent + Math.max(0, ...rows.map(([label]) => label.length)) + 2;
  return rows.flatMap(([label, text]) => wrap(`${' '.repeat(indent)}${label}`.padEnd(width), text, width));
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(items: readonly string[]): string {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}

/** 3000 is `3,000`; the same on every machine. */
export function grouped(count: number): string {
  return String(count).replaceAll(/\B(?=(\d{3})+$)/g, ',');
}
