import { checkPositive, type Problem } from './problem.ts';
import type { TelemetryAgentSpec, TelemetrySpec } from './spec.ts';

/** Kubernetes is tested up to 5,000 nodes and 110 pods on each. */
const most = { fakeNodes: 5_000, podsPerNode: 110, agents: 5_000, concurrency: 100 } as const;

/** 150,000 pods are the most that Kubernetes is tested with; a laptop ends long before. */
const mostPods = 30_000;
/** Seen on kind: 3.9 GB in the API server and 1.9 GB in etcd with 10,000 pods and LISTs of them under way. */
const apiServerBytesPerPod = 580_000;

export function* checkTelemetry(path: string, telemetry: TelemetrySpec): Iterable<Problem> {
  const { fakeNodes, podsPerNode, agent } = telemetry;
  yield* checkCount(`${path}.fakeNodes`, fakeNodes, 0, most.fakeNodes);
  yield* checkCount(`${path}.podsPerNode`, podsPerNode, 0, most.podsPerNode);
  const pods = fakeNodes * podsPerNode;
  if (pods > mostPods) {
    const memory = `about ${Math.round((pods * apiServerBytesPerPod) / 1e9)} GB in the API server and its store alone`;
    yield { path, message: `${pods} fake pods need ${memory}; at most ${mostPods}` };
  }
  yield* checkAgent(`${path}.agent`, agent);
}

export function* checkAgent(path: string, agent: TelemetryAgentSpec): Iterable<Problem> {
  const { mode, resource, interval, jitter, concurrency, timeout, nodes } = agent;
  if (mode.startsWith('node-list') && resource !== 'pods') {
    yield { path: `${path}.mode`, message: `${mode} asks for the pods of a node; ${resource} are not on nodes` };
  }
  yield* checkPositive(`${path}.interval`, interval, 'an agent without a pause would measure itself');
  yield* checkPositive(`${path}.timeout`, timeout, 'nothing is answered in no time');
  if (!(jitter >= 0 && jitter <= 1)) {
    yield { path: `${path}.jitter`, message: `${jitter} is impossible: a share of the interval is 0 to 1` };
  }
  if (!(agent.readBytesPerS >= 0 && agent.readBytesPerS <= 1e9)) {
    yield { path: `${path}.readBytesPerS`, message: `${agent.readBytesPerS} is impossible: 0 (no limit) to 1e9` };
  }
  yield* checkCount(`${path}.concurrency`, concurrency, 1, most.concurrency);
  yield* checkCount(`${path}.nodes`, nodes, 1, most.agents);
}

function* checkCount(path: string, count: number, least: number, atMost: number): Iterable<Problem> {
  if (Number.isInteger(count) && count >= least && count <= atMost) return;
  yield { path, message: `${count} is impossible: a whole number, ${least} to ${atMost}` };
}
