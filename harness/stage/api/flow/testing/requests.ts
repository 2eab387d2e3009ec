import type { FlowRequest } from '../types.ts';

/** A GET of a pod by an ordinary user, but for what is given. */
export function flowRequest(changes: Partial<FlowRequest> = {}): FlowRequest {
  return {
    user: 'jane',
    groups: ['system:authenticated'],
    verb: 'get',
    path: '/api/v1/namespaces/default/pods/a',
    apiGroup: '',
    version: 'v1',
    resource: 'pods',
    subresource: '',
    namespace: 'default',
    name: 'a',
    objectCount: 0,
    isWatch: false,
    ...changes,
  };
}

/** The service account of a pod. */
export function serviceAccount(namespace: string, name: string): Pick<FlowRequest, 'user' | 'groups'> {
  return {
    user: `system:serviceaccount:${namespace}:${name}`,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
  };
}
