import { expect, test } from 'vitest';
import { CommandError, type Run } from '../../core/command.ts';
import { callApi } from './call-api.ts';

const door = { credential: 'break-glass', via: 'loopback', port: 7443 } as const;
const path = '/api/v1/namespaces/blackstart/configmaps/operator-probe';
const credentials = { admin: '/admin.conf', breakGlass: '/super-admin.conf' };

/** As kubectl 1.34 says it at -v=8. */
const verbose = `I1129 00:00:00.1 12 helper.go:246] "Request Body" body=""
I1129 00:00:00.2 12 round_trippers.go:632] "Response" verb="PATCH" url="https://127.0.0.1:7443${path}" status="200 OK" headers=<
	Content-Type: application/json
	X-Kubernetes-Pf-Flowschema-Uid: 0c5d
	X-Kubernetes-Pf-Prioritylevel-Uid: 9f3a-1
 > milliseconds=4`;
/** And up to 1.32. */
const older = `I1129 12 round_trippers.go:577] Response Headers:
I1129 12 round_trippers.go:580]     X-Kubernetes-Pf-Prioritylevel-Uid: 9f3a-2
I1129 12 round_trippers.go:574] Response Status: 403 Forbidden in 5 milliseconds
Error from server (Forbidden): configmaps "operator-probe" is forbidden`;

function asked(answer: { readonly exitCode: number; readonly stderr: string; readonly stdout?: string }) {
  const calls: (readonly string[])[] = [];
  const run: Run = async (argv) => {
    calls.push(argv);
    const result = { stdout: '', ...answer };
    if (answer.exitCode !== 0) throw new CommandError(argv, result, 'Command failed');
    return result;
  };
  const cluster = { controlPlane: 'cp', credentials, run };
  return {
    calls,
    call: async (method: 'GET' | 'PATCH', body?: object) =>
      await callApi(door, { method, path, ...(body && { body }) }, 10_000, cluster),
  };
}

test('kubectl is run on the node, as break-glass, at the port that was asked for', async () => {
  const { call, calls } = asked({ exitCode: 0, stderr: verbose, stdout: '{"kind":"ConfigMap"}' });
  const body = { metadata: { annotations: { a: "it's" } } };
  expect(await call('PATCH', body)).toEqual({
    status: 200,
    body: '{"kind":"ConfigMap"}',
    priorityLevelUid: '9f3a-1',
  });
  expect(calls[0]?.slice(0, 3)).toEqual(['docker', 'exec', 'cp']);
  expect(calls[0]?.slice(7)).toEqual([
    '/etc/kubernetes/super-admin.conf',
    'https://127.0.0.1:7443',
    'PATCH',
    path,
    '10s',
    JSON.stringify(body),
    'configmaps/operator-probe',
    'blackstart',
  ]);
  // No value is part of the script.
  expect(calls[0]?.[5]).not.toContain('operator-probe');
});

test('a refusal is an answer, with its status and its last line', async () => {
  expect(await asked({ exitCode: 1, stderr: older }).call('GET')).toEqual({
    status: 403,
    body: 'Error from server (Forbidden): configmaps "operator-probe" is forbidden',
    priorityLevelUid: '9f3a-2',
  });
});

test('no answer is none', async () => {
  const stderr = 'Unable to connect to the server: dial tcp 127.0.0.1:7443: connect: connection refused';
  await expect(asked({ exitCode: 1, stderr }).call('GET')).rejects.toThrow('connection refused');
});

test('the answer to an earlier request is none: a patch begins with a GET, and may end with a timeout', async () => {
  const stderr = `${verbose}\nerror: Patch "https://127.0.0.1:7443${path}": context deadline exceeded`;
  await expect(asked({ exitCode: 1, stderr }).call('PATCH', {})).rejects.toThrow('context deadline exceeded');
});

test('what nobody told the status of is no answer either', async () => {
  await expect(asked({ exitCode: 0, stderr: '', stdout: '{}' }).call('GET')).rejects.toThrow('kubectl told no status');
});
