import { formatMs } from '../core/duration.ts';
import type { WaySpec } from '../experiment/rung-spec.ts';
import { listed } from './layout.ts';
import type { PlannedAttempt } from './planned-attempt.ts';

/** What a rung does, and how that is taken back. */
function describeWay(way: WaySpec): { readonly does: string; readonly undo: string } {
  switch (way.way) {
    case 'call': {
      const who = way.kubeconfig === null ? way.credential : `whom ${way.kubeconfig} names`;
      const from = way.via === 'address' ? 'from outside the cluster' : "on the control-plane node's loopback";
      return { does: `GET and PATCH one ConfigMap as ${who}, ${from}`, undo: 'nothing to take back' };
    }
    case 'stop-agents':
      return {
        does: "stop the agents' containers on their nodes, again and again, until the normal admin can delete the DaemonSet",
        undo: 'the DaemonSet stays away until the next attempt applies it again',
      };
    case 'block-agents':
      return {
        does: "reject the agents' traffic to the API server on their own nodes, by pod IP; it needs iptables in the nodes",
        undo: 'take the rules away, on the nodes, without the API',
      };
    case 'second-api-server':
      return {
        does: 'start a second kube-apiserver as a static pod on another port, registered with no Service, and call it as break-glass',
        undo: 'take its manifest away, on the node, without the API',
      };
    case 'restart-api-server':
      return {
        does: 'park the static pod kube-apiserver, put it back, and call it as break-glass; /readyz is not asked',
        undo: 'put the manifest back, on the node, without the API',
      };
    case 'take-rights':
      return {
        does: "delete the agents' ClusterRoleBinding as break-glass",
        undo: 'apply the binding again before the next attempt; it goes with the telemetry in the end',
      };
    case 'fewer-nodes':
      return {
        does: 'freeze the agents on every second worker, as if those nodes were gone; what they have under way hangs until the server ends it',
        undo: 'let their containers run on, on the nodes, without the API',
      };
    case 'flow-schema':
      return {
        does: 'apply a FlowSchema with a small priority level for the agents alone, as break-glass',
        undo: 'delete both as break-glass',
      };
    case 'raise-limits':
      return {
        does: 'ten times the requests in flight in the manifest of kube-apiserver, which restarts',
        undo: 'put the manifest back as it was, on the node, without the API',
      };
    case 'remedies': {
      const ways = way.ways.length === 0 ? 'nothing' : listed(way.ways);
      const where = way.operator === 'second' ? 'the second API server' : 'the usual API server';
      return {
        does: `${ways}; meanwhile the normal admin tries to delete the agents' DaemonSet at ${where}, and what comes of it is watched`,
        undo: 'everything that was done is taken back; the DaemonSet stays away',
      };
    }
    case 'command':
      return { does: `run ${way.argv.join(' ')} (KUBECONFIG of ${way.credential})`, undo: 'what it does is its own' };
  }
}

/** The rows under an attempt. */
export function describeAttempt({ rung, lane, load, quietMs }: PlannedAttempt): [string, string][] {
  const { does, undo } = describeWay(rung.way);
  const { promises, withinMs, dependsOn, optional } = rung;
  const quiet = promises.includes('remove') ? `; removed: no request for ${formatMs(quietMs)}` : '';
  const promised =
    promises.length === 0
      ? rung.way.way === 'remedies'
        ? 'nothing: what comes of it is measured'
        : 'nothing: it must fail while the normal path is down'
      : `${listed(promises)} within ${formatMs(withinMs)}${quiet}`;
  return [
    ['does', does],
    ['promises', promised],
    ['depends on', dependsOn.length === 0 ? 'nothing that is known' : listed(dependsOn)],
    [
      'before',
      `agents of ${load.nodes} nodes send requests, and lane ${lane} has no success, 5 calls in a row at least`,
    ],
    ['undo', undo],
    ...(optional ? [['optional', 'a backend that cannot do it says so'] as [string, string]] : []),
  ];
}
