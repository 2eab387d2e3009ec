import { expect, test } from 'vitest';
import { jsonLines } from './json-lines.ts';

async function values(...chunks: Buffer[]): Promise<unknown[]> {
  const stream = (async function* () {
    yield* chunks;
  })();
  return await Array.fromAsync(jsonLines(stream));
}

test('a line that comes in pieces is one value, also when a character is cut in two', async () => {
  const bytes = Buffer.from('{"a":"é"}\n{"b":2}\n');
  expect(await values(bytes.subarray(0, 7), bytes.subarray(7, 12), bytes.subarray(12))).toEqual([{ a: 'é' }, { b: 2 }]);
});

test('a last line without its end is a value too', async () => {
  expect(await values(Buffer.from('{"a":1}\n{"b":2}'))).toEqual([{ a: 1 }, { b: 2 }]);
});

test('a line that is cut off is an error', async () => {
  await expect(values(Buffer.from('{"a":1}\n{"b":'))).rejects.toThrow(SyntaxError);
});
