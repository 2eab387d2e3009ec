import { expect, it } from 'vitest';
import { combine, type Observation } from './observation.ts';

const ended: Observation = { source: 'crictl', saw: 'effect', text: 'ended' };
const refused: Observation = { source: 'prober', saw: 'effect', text: 'refused' };
const gone: Observation = { source: 'api', saw: 'effect', text: 'gone' };

it.each<[string, readonly Observation[], string]>([
  ['two sources agree', [ended, refused], 'confirmed'],
  ['the API and an outsider agree', [gone, ended], 'confirmed'],
  ['one source speaks twice', [ended, ended], 'unconfirmed'],
  ['only the API speaks', [gone, gone], 'unconfirmed'],
  ['one of them saw nothing', [ended, { ...refused, saw: 'no-effect' }], 'unconfirmed'],
  ['nobody looked', [], 'unconfirmed'],
  ['one saw too much', [refused, ended, { ...ended, saw: 'too-much' }], 'mismatch'],
])('when %s', (_what, observations, confirmation) => {
  expect(combine('x', observations)).toMatchObject({ name: 'x', confirmation });
});

it('tells first what speaks against it', () => {
  const against: Observation = { ...refused, saw: 'no-effect', text: '5 × ok' };
  expect(combine('x', [ended, against], ['note']).evidence).toEqual(['note', 'prober: 5 × ok', 'crictl: ended']);
});
