import { expect, test } from 'vitest';
import { mediaTypeOf, negotiate, parseJson, readValue } from './body.ts';

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

const kubectlGet =
  'application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json';
const offered = ['Table;v1'];

test('kubectl get is given a table where there is one, and the object elsewhere', () => {
  expect(negotiate(kubectlGet, offered)).toBe('Table');
  expect(negotiate(kubectlGet, [])).toBe('');
});

test.each([undefined, '', '*/*', 'application/vnd.kubernetes.protobuf, */*', 'application/json;charset=utf-8'])(
  'Accept %j gets JSON',
  (accept) => {
    expect(negotiate(accept, offered)).toBe('');
  },
);

test.each(['application/vnd.kubernetes.protobuf', 'text/html', 'application/json;as=Table;v=v2'])(
  'Accept %j is refused with 406',
  (accept) => {
    expect(() => negotiate(accept, offered)).toThrow(expect.objectContaining({ code: 406 }));
  },
);
