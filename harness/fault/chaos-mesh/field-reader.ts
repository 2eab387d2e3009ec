export type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Reads fields of parsed YAML and collects every problem, with its path. */
export class FieldReader {
  readonly problems: string[] = [];

  problem(path: string, message: string): void {
    this.problems.push(path === '' ? `it ${message}` : `${path} ${message}`);
  }

  expect(fields: Fields, path: string, expected: string): void {
    const found = fields[path];
    if (found !== expected) this.problem(path, `must be ${expected}; got ${shown(found)}`);
  }

  /** The last part of the path names the field. */
  oneOf<T extends string>(fields: Fields, path: string, allowed: readonly T[]): T | undefined {
    const found = fields[path.slice(path.lastIndexOf('.') + 1)];
    const match = allowed.find((one) => one === found);
    if (match === undefined) this.problem(path, `must be one of ${allowed.join(', ')}; got ${shown(found)}`);
    return match;
  }

  texts(value: unknown, path: string): readonly string[] {
    if (value === undefined || value === null) return [];
    if (Array.isArray(value) && value.every((item): item is string => typeof item === 'string')) return value;
    this.problem(path, `must be a list of texts; got ${shown(value)}`);
    return [];
  }

  textMap(value: unknown, path: string): Readonly<Record<string, string>> {
    if (value === undefined || value === null) return {};
    if (isFields(value)) {
      const entries = Object.entries(value);
      for (const [key, item] of entries) {
        if (typeof item !== 'string') this.problem(`${path}.${key}`, `must be a text; got ${shown(item)}`);
      }
      return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
    }
    this.problem(path, `must map texts to texts; got ${shown(value)}`);
    return {};
  }

  /** Refuses every other field by its name. */
  only(fields: Fields, path: string, supported: readonly string[]): void {
    for (const key of Object.keys(fields)) {
      if (!supported.includes(key)) this.problem(`${path}.${key}`, 'is not supported');
    }
  }
}

function shown(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}
