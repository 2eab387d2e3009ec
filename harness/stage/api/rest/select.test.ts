import { expect, test } from 'vitest';
import type { KubeObject } from '../../client/types.ts';
import { builtIn } from '../resources.ts';
import { parseFieldSelector, parseLabelSelector } from './select.ts';

const labels = { app: 'web', tier: 'front', 'example.org/size': '5' };

test.each([
  ['app=web', true],
  ['app==web', true],
  ['app = web , tier=front', true],
  ['app=web,tier=back', false],
  ['app!=web', false],
  ['missing!=web', true],
  ['app', true],
  ['missing', false],
  ['constructor', false],
  ['!missing', true],
  ['!app', false],
  ['app in (web,api)', true],
  ['app in (api)', false],
  ['missing in (web)', false],
  ['app notin (api, db),tier', true],
  ['missing notin (web)', true],
  ['app notin (web)', false],
  ['example.org/size', true],
  ['app=', false],
])('the label selector %j matches: %j', (text, expected) => {
  expect(parseLabelSelector(text)?.(labels)).toBe(expected);
});

test('an empty label selector needs no matching', () => {
  expect(parseLabelSelector(' ')).toBeUndefined();
});

test.each(['=web', 'app in web', 'app in (web', 'a b', 'app=web,', 'app>x', '!app=web', '-', 'app=web)'])(
  'the label selector %j is refused with 400',
  (text) => {
    expect(() => parseLabelSelector(text)).toThrow(expect.objectContaining({ code: 400, reason: 'BadRequest' }));
  },
);

const pod: KubeObject = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', namespace: 'default' },
  spec: { nodeName: 'n1' },
  status: { phase: 'Running' },
};

test.each([
  ['spec.nodeName=n1', true],
  ['spec.nodeName!=n1', false],
  ['metadata.name=p,status.phase==Running', true],
  ['metadata.namespace=other', false],
  ['spec.schedulerName=', true],
])('the field selector %j matches a pod: %j', (text, expected) => {
  expect(parseFieldSelector(builtIn('pods'), text)?.(pod)).toBe(expected);
});

test('events are selected by what they are about', () => {
  const event = { ...pod, kind: 'Event', involvedObject: { kind: 'Pod', name: 'p' }, type: 'Warning' };
  const matches = parseFieldSelector(builtIn('events'), 'involvedObject.name=p,type=Warning');
  expect(matches?.(event)).toBe(true);
});

test('nodes that are not cordoned are selected by false', () => {
  const node = { ...pod, kind: 'Node', spec: {} };
  expect(parseFieldSelector(builtIn('nodes'), 'spec.unschedulable=false')?.(node)).toBe(true);
});

test.each(['spec.image=x', 'metadata.labels=x', 'nonsense', '__proto__=x'])(
  'the field selector %j is refused with 400',
  (text) => {
    expect(() => parseFieldSelector(builtIn('pods'), text)).toThrow(expect.objectContaining({ code: 400 }));
  },
);
