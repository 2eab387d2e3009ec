import { expect, test } from 'vitest';
import { mediaTypeOf, parseJson, readValue } from './body.ts';

test.each(['', '{', 'no', '[1,', '\u{1}', '{"a":1}x'])('%j is a bad request', (text) => {
  expect(() => parseJson(Buffer.from(text))).toThrow(expect.objectContaining({ code: 400 }));
});

test('a body that is nested too deeply is a bad request, however deep', () => {
  for (const depth of [300, 500_000]) {
    expect(() => parseJson(Buffer.from('['.repeat(depth) + ']'.repeat(depth)))).toThrow(
      expect.objectContaining({ code: 400 }),
    );
  }
});

test('a key __proto__ is a bad request, wherever it is', () => {
  expect(() => parseJson(Buffer.from('{"a":[{"__proto__":{"x":1}}]}'))).toThrow(expect.objectContaining({ code: 400 }));
});

test('what is neither JSON nor protobuf is 415', () => {
  const body = Buffer.from('a: b');
  expect(() => readValue({ contentType: 'application/yaml', body })).toThrow(expect.objectContaining({ code: 415 }));
});

test('a media type is compared without its parameters and in lower case', () => {
  expect(mediaTypeOf('Application/JSON; charset=utf-8')).toBe('application/json');
  expect(mediaTypeOf(undefined)).toBe('');
});
