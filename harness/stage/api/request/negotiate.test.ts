import { expect, test } from 'vitest';
import { negotiate } from './negotiate.ts';

const kubectlGet =
  'application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json';
const offered = ['Table;v1'];

test('kubectl get is given a table where there is one, and the object elsewhere', () => {
  expect(negotiate(kubectlGet, offered)).toEqual({ as: 'Table', version: 'v1' });
  expect(negotiate(kubectlGet, [])).toEqual({ as: '', version: '' });
});

test.each([undefined, '', '*/*', 'application/vnd.kubernetes.protobuf, */*', 'application/json;charset=utf-8'])(
  'Accept %j gets JSON',
  (accept) => {
    expect(negotiate(accept, offered).as).toBe('');
  },
);

test.each(['application/vnd.kubernetes.protobuf', 'text/html', 'application/json;as=Table;v=v2'])(
  'Accept %j is refused with 406',
  (accept) => {
    expect(() => negotiate(accept, offered)).toThrow(expect.objectContaining({ code: 406 }));
  },
);
