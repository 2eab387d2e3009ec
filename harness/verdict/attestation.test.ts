import { expect, it } from 'vitest';
import { attestationOf, parseAttestation } from './attestation.ts';
import type { Result } from './result.ts';

const credential = { as: 'break-glass', file: 'super-admin.conf', expires: '2027-11-28T23:49:00.000Z' };
const rung = {
  rung: 'super-admin',
  level: '1000 agents',
  agents: 1_000,
  outcome: 'tried',
  verdict: 'pass',
  dependsOn: ['API'],
  quietMs: 20_000,
  credential,
  promises: [{ promise: 'read', outcome: 'kept', measuredMs: 40, limitMs: 10_000, text: 'status 200' }],
};

const resultOf = (changes: object): Result =>
  ({
    experiment: 'break-glass',
    backend: 'a-backend',
    startedAt: '2026-11-29T00:00:00.000Z',
    parameters: { procedure: '/home/me/ladder.yaml' },
    verdict: 'pass',
    reason: 'held',
    rungs: [rung, { ...rung, level: '4000 agents' }],
    ...changes,
  }) as unknown as Result;

it('says when what was tried, how it did, and until when the credential is good', () => {
  const attestation = attestationOf(resultOf({}));
  expect(attestation).toMatchObject({
    date: '2026-11-29T00:00:00.000Z',
    verdict: 'pass',
    procedure: 'ladder.yaml',
    credentials: [credential],
    rungs: [
      { rung: 'super-admin', promises: [{ promise: 'read', outcome: 'kept', measuredMs: 40, limitMs: 10_000 }] },
      { level: '4000 agents' },
    ],
  });
  expect(parseAttestation(JSON.stringify(attestation))).toEqual(attestation);
});

it('says how long nothing was to be heard of what is removed', () => {
  const removing = { ...rung, promises: [{ ...rung.promises[0], promise: 'remove' }] };
  const { rungs } = attestationOf(resultOf({ rungs: [rung, removing] })) ?? {};
  expect(rungs?.map(({ quietMs }) => quietMs)).toEqual([null, 20_000]);
});

it('quotes nothing that was said: its reason is names of rungs and outcomes', () => {
  const said = { reason: 'write never (token: c2VjcmV0 in /home/me/x.conf)', reasonCode: 'rung-broken' };
  const reasonOf = (changes: object) => attestationOf(resultOf({ ...said, ...changes }))?.reason;
  const control = { ...rung, rung: 'normal-admin', promises: [] };
  expect(reasonOf({ rungs: [control, rung] })).toBe('1 rung of 1 kept what the procedure promises.');
  const failing = { verdict: 'fail', rungs: [rung, { ...rung, verdict: 'fail', level: '4000 agents' }] };
  expect(reasonOf(failing)).toBe('What the procedure promises is not kept by super-admin (4000 agents).');
  expect(reasonOf({ verdict: 'fail', reasonCode: 'budget' })).toMatch(/failed for another reason: budget\.$/);
});

it('is left by a run that failed as well, not by one that proved nothing or promised nothing', () => {
  expect(attestationOf(resultOf({ verdict: 'fail' }))?.verdict).toBe('fail');
  expect(attestationOf(resultOf({ verdict: 'inconclusive' }))).toBeUndefined();
  for (const rungs of [[], [{ ...rung, promises: [] }]]) expect(attestationOf(resultOf({ rungs }))).toBeUndefined();
});

it.each(['', '{}', '{"schemaVersion":2}', 'not JSON'])('is not read from %j', (text) => {
  expect(parseAttestation(text)).toBeUndefined();
});
