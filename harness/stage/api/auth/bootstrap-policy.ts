import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { KubeObject } from '../../client/types.ts';
import type { Policy } from './authorizer.ts';

const apiGroup = 'rbac.authorization.k8s.io';
const written = parse(readFileSync(new URL('bootstrap-policy.yaml', import.meta.url), 'utf8')) as {
  readonly ClusterRole: Readonly<Record<string, readonly object[]>>;
  readonly ClusterRoleBinding: Readonly<Record<string, readonly object[]>>;
};

/** The objects that a new cluster has. */
export const bootstrapPolicy: Policy = {
  clusterroles: Object.entries(written.ClusterRole).map(([name, rules]) => object('ClusterRole', name, { rules })),
  clusterrolebindings: Object.entries(written.ClusterRoleBinding).map(([name, given]) => {
    const subjects = given.map((subject) => ({ apiGroup, ...subject }));
    return object('ClusterRoleBinding', name, { roleRef: { apiGroup, kind: 'ClusterRole', name }, subjects });
  }),
  roles: [],
  rolebindings: [],
};

function object(kind: string, name: string, rest: object): KubeObject {
  const labels = { 'kubernetes.io/bootstrapping': 'rbac-defaults' };
  const annotations = { 'rbac.authorization.kubernetes.io/autoupdate': 'true' };
  return { apiVersion: `${apiGroup}/v1`, kind, metadata: { name, labels, annotations }, ...rest };
}
