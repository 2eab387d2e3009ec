import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { Plan, PlannedProbe } from '../plan/plan.ts';
import { operatorLaneConfigs } from './operator-lanes.ts';

const folder = mkdtempSync(join(tmpdir(), 'blackstart-operator-'));
afterAll(() => rmSync(folder, { recursive: true }));

const pem = (name: string): string => readFileSync(join(import.meta.dirname, '../cluster/test-tls', name), 'utf8');

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** A kubeconfig of this user, with its certificates in it. */
function kubeconfig(user: string): string {
  const path = join(folder, `${user}.conf`);
  const cluster = { server: `https://127.0.0.1:6443/`, 'certificate-authority-data': base64(pem('cert.pem')) };
  const client = { 'client-certificate-data': base64(`cert of ${user}`), 'client-key-data': base64(pem('key.pem')) };
  writeFileSync(
    path,
    JSON.stringify({
      'current-context': 'c',
      clusters: [{ name: 'c', cluster }],
      users: [{ name: user, user: client }],
      contexts: [{ name: 'c', context: { cluster: 'c', user } }],
    }),
  );
  return path;
}

const credentials = { admin: kubeconfig('admin'), breakGlass: kubeconfig('super-admin') };

function planOf(...probes: readonly PlannedProbe[]): Plan {
  const lanes = probes.map((probe, index) => ({
    name: `lane-${index}`,
    role: 'reference' as const,
    rateHz: 1,
    deadlineMs: 10_000,
    probe,
  }));
  return { lanes } as Partial<Plan> as Plan;
}

it('signs in as the credential of the lane and does what the lane says', async () => {
  const [patch, list] = await operatorLaneConfigs(
    planOf(
      { kind: 'operator', credential: 'admin', call: 'patch' },
      { kind: 'operator', credential: 'break-glass', call: 'list' },
    ),
    credentials,
  );
  expect(patch).toMatchObject({
    name: 'lane-0',
    kind: 'api-call',
    method: 'PATCH',
    url: 'https://127.0.0.1:6443/api/v1/namespaces/blackstart/configmaps/operator-probe',
    contentType: 'application/merge-patch+json',
    tls: { ca: pem('cert.pem'), cert: 'cert of admin', key: pem('key.pem') },
  });
  expect(list).toMatchObject({
    method: 'GET',
    url: 'https://127.0.0.1:6443/api/v1/pods?limit=500',
    tls: { cert: 'cert of super-admin' },
  });
});

it('has nothing to do in a plan without an operator', async () => {
  expect(await operatorLaneConfigs(planOf({ kind: 'core-dns' }, { kind: 'loopback' }), credentials)).toEqual([]);
});
