/** The real kubectl against the whole server. */
import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { kubeconfig } from '../pki/pki.ts';
import { startTestApi, type TestApi } from './testing/test-api.ts';

const installed = spawnSync('kubectl', ['version', '--client']).status === 0;

let api: TestApi;
let config: string;
beforeAll(async () => {
  api = await startTestApi();
  config = join(api.cluster.dataDir, 'admin.conf');
  const { ca, admin } = api.cluster;
  writeFileSync(config, kubeconfig({ server: api.server.url, ca: ca.cert, ...admin, name: 'test' }), { mode: 0o600 });
});
afterAll(async () => {
  await api.end();
});

/** What kubectl prints: its output, or what it complains about. */
async function kubectl(command: string, input = ''): Promise<string> {
  return await new Promise((resolve) => {
    const home = join(api.cluster.dataDir, 'kube');
    const env = { PATH: process.env['PATH'], KUBECONFIG: config, HOME: home };
    const child = execFile('kubectl', command.split(' '), { env }, (_problem, out, err) => resolve((out + err).trim()));
    child.stdin?.end(input);
  });
}

const definition = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: things.example.org }
spec:
  group: example.org
  scope: Namespaced
  names: { plural: things, kind: Thing, shortNames: [th] }
  versions: [{ name: v1, served: true, storage: true, schema: { openAPIV3Schema: { type: object } } }]
`;
const thing = (size: number): string => `apiVersion: example.org/v1
kind: Thing
metadata: { name: t, namespace: demo }
spec: { size: ${size} }
`;

const list = (port: number): string => `apiVersion: v1
kind: List
items:
- { apiVersion: v1, kind: ConfigMap, metadata: { name: listed, namespace: demo }, data: { port: "${port}" } }
- apiVersion: v1
  kind: Service
  metadata: { name: listed, namespace: demo }
  spec: { selector: { app: web }, ports: [{ name: a, port: 80 }, { name: b, port: ${port} }] }
`;

const story: readonly (readonly [command: string, prints: RegExp, input?: string])[] = [
  ['version', /Server Version: v1\.34\.0/],
  ['cluster-info', /control plane.* is running at/],
  ['api-resources', /deployments +deploy +apps\/v1 +true +Deployment/],
  ['auth whoami', /kubernetes-admin/],
  ['auth can-i delete pods', /^yes$/],
  ['auth can-i --list', /^Resources +Non-Resource URLs +Resource Names +Verbs\n(.*\n)*\*\.\* +\[\] +\[\] +\[\*\]/],
  ['create clusterrole reader --verb=get --resource=pods,pods/log', /created$/],
  ['create clusterrolebinding reader --clusterrole=reader --group=team', /created$/],
  ['get clusterrolebinding reader', /reader +ClusterRole\/reader/],
  ['describe clusterrole reader', /pods\/log +\[\] +\[\] +\[get\]/],
  ['create namespace demo', /^namespace\/demo created$/],
  ['create -n demo deployment web --image=node:24 --replicas=2', /^deployment.apps\/web created$/],
  ['get -n demo deployment web', /web +0\/2 +0 +0/],
  ['scale -n demo deployment web --replicas=5', /^deployment.apps\/web scaled$/],
  ['get -n demo deploy web -o jsonpath={.spec.replicas}', /^5$/],
  ['label -n demo deploy web tier=front', /labeled$/],
  ['annotate -n demo deploy web note=x', /annotated$/],
  ['get -A deploy -l tier=front,app -o name', /^deployment.apps\/web$/],
  ['patch -n demo deploy web -p {"spec":{"replicas":3}}', /patched$/],
  ['patch -n demo deploy web --type=merge -p {"spec":{"replicas":4}}', /patched$/],
  ['patch -n demo deploy web --type=json -p [{"op":"replace","path":"/spec/replicas","value":6}]', /patched$/],
  ['rollout restart -n demo deploy web', /restarted$/],
  ['describe -n demo deploy web', /Replicas: +6 desired/],
  ['create -n demo configmap c --from-literal=a=b', /created$/],
  ['create -n demo secret generic s --from-literal=a=b', /created$/],
  ['get -n demo secret s -o jsonpath={.data.a}', /^Yg==$/],
  ['create -n demo service clusterip web --tcp=80:8080', /created$/],
  ['create -n demo service nodeport out --tcp=80', /Unsupported value: "NodePort"/],
  ['create -n demo serviceaccount me', /created$/],
  ['create -n demo token me --duration=20m', /^ey\S+$/],
  ['create -n demo serviceaccount default', /created$/],
  ['run -n demo p --image=node:24', /^pod\/p created$/],
  ['get -n demo pods --field-selector status.phase=Pending -o name', /^pod\/p$/],
  ['delete -n demo pod p', /^pod "p" deleted/],
  ['apply -f -', /created$/, definition],
  ['wait --for=condition=established crd/things.example.org', /condition met$/],
  ['apply -f -', /^thing.example.org\/t created$/, thing(1)],
  ['apply -f -', /^thing.example.org\/t configured$/, thing(2)],
  ['apply -f -', /^thing.example.org\/t unchanged$/, thing(2)],
  ['apply --server-side -f -', /conflict.*with "kubectl-client-side-apply"/, thing(3)],
  ['apply --server-side --force-conflicts -f -', /serverside-applied$/, thing(3)],
  ['get th -n demo t -o jsonpath={.spec.size}', /^3$/],
  ['apply -f -', /configmap\/listed created\nservice\/listed created$/, list(81)],
  ['apply -f -', /configmap\/listed unchanged\nservice\/listed unchanged$/, list(81)],
  ['apply -f -', /configmap\/listed configured\nservice\/listed configured$/, list(82)],
  ['get -n demo svc listed -o jsonpath={.spec.ports[*].port}', /^80 82$/],
  ['apply --server-side --force-conflicts --field-manager=other -f -', /service\/listed serverside-applied$/, list(83)],
  ['get -n demo svc listed -o jsonpath={.spec.ports[*].port}', /^80 82 83$|^80 83$/],
  ['get -n demo all', /deployment.apps\/web/],
  ['get --raw /readyz?verbose', /readyz check passed$/],
  ['delete -n demo deploy,cm,svc --all', /deleted/],
  ['delete ns demo --wait=false', /deleted$/],
  ['get ns demo', /Terminating/],
  ['create -n demo configmap late', /because it is being terminated/],
];

test.skipIf(!installed)(
  'kubectl: create, get, apply, patch, scale, label, delete and looking around',
  async () => {
    for (const [command, prints, input] of story) expect(await kubectl(command, input), command).toMatch(prints);
  },
  60_000,
);

test.skipIf(!installed)('kubectl get --watch prints what is there, then what happens', async () => {
  const make = async (name: string) =>
    await api.call('POST', '/api/v1/namespaces/default/configmaps', { body: { metadata: { name } } });
  await make('first');
  const env = { PATH: process.env['PATH'], KUBECONFIG: config, HOME: api.cluster.dataDir };
  const child = spawn('kubectl', ['get', 'configmaps', '--watch', '-o', 'name'], { env });
  const ended = once(child, 'exit');
  const printed: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    printed.push(line);
    if (printed.length === 2) break;
    await make('second');
  }
  child.kill();
  await ended;
  expect(printed).toEqual(['configmap/first', 'configmap/second']);
});
