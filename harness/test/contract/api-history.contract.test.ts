import { describe, expect, inject, test } from 'vitest';
import { openScope } from './api-scope.ts';

const labels = { app: 'agent' };

const template = (image: string, more: object = {}): object => ({
  metadata: { labels, ...more },
  spec: { containers: [{ name: 'main', image }] },
});

const daemonSet = (name: string, image: string, more?: object): object => ({
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { name },
  spec: { selector: { matchLabels: labels }, template: template(image, more) },
});

/** Of a DaemonSet `agent` that need not be there. */
function revision(name: string, data: object): object {
  const owner = { apiVersion: 'apps/v1', kind: 'DaemonSet', controller: true, name: 'agent', uid: 'u' };
  const metadata = { name, labels, ownerReferences: [owner] };
  return { apiVersion: 'apps/v1', kind: 'ControllerRevision', metadata, data, revision: 1 };
}

/** ControllerRevisions, and how a DaemonSet becomes what it was. */
describe.each(inject('apiServers'))('$name: history', (server) => {
  const { namespace, create, call, patch } = openScope(server, 'contract-history');
  const apps = `/apis/apps/v1/namespaces/${namespace}`;
  const revisions = `${apps}/controllerrevisions`;

  test('a revision has a number that can change, data that cannot, and columns with both', async () => {
    const data = { spec: { template: { ...template('node:22'), $patch: 'replace' } } };
    const made = await create(revisions, revision('first', data));
    expect(made).toMatchObject({ data, revision: 1 });
    const raised = await patch('merge', `${revisions}/first`, { revision: 3 });
    expect([raised.status, raised.object['revision'], raised.object['data']]).toEqual([200, 3, data]);
    const changed = await patch('merge', `${revisions}/first`, {
      data: { spec: { template: { spec: { containers: [] } } } },
    });
    expect([changed.status, changed.object['reason']]).toEqual([422, 'Invalid']);
    const headers = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' };
    const { object } = await call('GET', `${revisions}/first`, { headers });
    const names = (object['columnDefinitions'] as { name: string }[]).map(({ name }) => name);
    expect(names).toEqual(['Name', 'Controller', 'Revision', 'Age']);
    const [row] = object['rows'] as { cells: unknown[] }[];
    expect(row?.cells.slice(0, 3)).toEqual(['first', 'daemonset.apps/agent', 3]);
  });

  test('its data, as a strategic merge patch, makes the template what it was and leaves nothing of what came since', async () => {
    await create(`${apps}/daemonsets`, daemonSet('back', 'node:22', { annotations: { version: 'one' } }));
    const first = (await call('GET', `${apps}/daemonsets/back`)).object;
    const { template: before } = first['spec'] as { template: object };
    const spec = {
      template: { metadata: { annotations: { added: 'x', version: 'two' } }, spec: { hostNetwork: true } },
    };
    expect((await patch('merge', `${apps}/daemonsets/back`, { spec })).status).toBe(200);
    const undone = await patch('strategic', `${apps}/daemonsets/back`, {
      spec: { template: { ...before, $patch: 'replace' } },
    });
    expect(undone.status).toBe(200);
    expect(undone.object['spec']).toEqual(first['spec']);
    expect(undone.object.metadata.generation).toBe(3);
  });
});
