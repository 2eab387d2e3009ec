import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { checkAttestation } from './attestation-check.ts';

const now = new Date('2026-11-29T00:00:00Z');
const attestation = {
  schemaVersion: 1,
  date: '2026-11-01T10:00:00.000Z',
  experiment: 'break-glass',
  backend: 'a-backend',
  procedure: 'none',
  verdict: 'pass',
  reason: 'The hypothesis held.',
  credentials: [{ as: 'break-glass', file: 'super-admin.conf', expires: '2027-11-01T00:00:00.000Z' }],
  rungs: [],
};
let runs: string;

beforeEach(() => {
  runs = mkdtempSync(join(tmpdir(), 'blackstart-runs-'));
});

afterEach(() => rmSync(runs, { recursive: true }));

function attest(changes: object, time = '2026-11-01T10-00-00Z', experiment = 'break-glass'): void {
  const folder = join(runs, experiment, time);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'attestation.json'), JSON.stringify({ ...attestation, ...changes }));
}

const check = (): string => {
  const { status, found } = checkAttestation(runs, now);
  return `${status}: ${found}`;
};

it('does not warn who never ran the ladder', () => {
  expect(check()).toBe('ok: no attestation yet');
  expect(checkAttestation(join(runs, 'nowhere'), now).status).toBe('ok');
});

it('says when the procedure was tried last', () => {
  attest({});
  attest({ date: '2026-01-01T10:00:00.000Z' }, '2026-01-01T10-00-00Z');
  expect(check()).toBe('ok: pass on 2026-11-01, backend a-backend');
});

it('warns after 90 days, and not before', () => {
  attest({ date: '2026-08-31T00:00:00.000Z' });
  expect(check()).toMatch(/^ok/);
  attest({ date: '2026-08-30T00:00:00.000Z' });
  expect(check()).toMatch(/^warning: .*91 days ago/);
  expect(checkAttestation(runs, now).hint).toContain('break-glass');
});

it('warns when the last one failed, or its certificate is about to run out', () => {
  attest({ verdict: 'fail' });
  expect(check()).toMatch(/^warning: .*did not keep what it promises/);
  attest({ credentials: [{ as: 'break-glass', file: 'x.conf', expires: '2026-12-20T00:00:00.000Z' }] });
  expect(check()).toMatch(/^warning: .*certificate of break-glass ends on 2026-12-20/);
});

it('warns when nobody can tell until when a credential is good', () => {
  attest({ credentials: [{ as: 'break-glass', file: 'x.conf', expires: null }] });
  expect(check()).toMatch(/^warning: .*until when the credential break-glass is good could not be read/);
});

it('looks at the ladder alone: other experiments try rungs, too', () => {
  attest({ verdict: 'fail' });
  attest({ date: '2026-11-02T10:00:00.000Z', experiment: 'remedies' }, '2026-11-02T10-00-00Z', 'remedies');
  expect(check()).toMatch(/^warning: fail on 2026-11-01/);
});

it('warns when there were runs and none left one', () => {
  mkdirSync(join(runs, 'break-glass', '2026-11-01T10-00-00Z'), { recursive: true });
  expect(check()).toBe('warning: 1 run, none of which has left an attestation');
});

it('takes nothing else for an attestation', () => {
  attest({ verdict: 'inconclusive' });
  expect(check()).toMatch(/^warning/);
});
