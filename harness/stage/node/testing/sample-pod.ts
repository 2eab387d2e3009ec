import type { Container, Pod, PodSpec } from '../pod.ts';

/** A pod with one container, `main`. */
export function samplePod(container: Partial<Container> = {}, spec: Partial<PodSpec> = {}): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      namespace: 'shop',
      name: 'web-1',
      uid: 'u-1',
      labels: { app: 'web' },
      annotations: { 'example.com/team': 'blue' },
    },
    spec: { nodeName: 'n1', containers: [{ name: 'main', image: 'node:24', ...container }], ...spec },
  };
}
