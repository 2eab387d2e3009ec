import type { KubeObject } from '../client/types.ts';

const text = { type: 'string' } as const;
const texts = { type: 'array', items: text } as const;
const textMap = { type: 'object', additionalProperties: text } as const;

const selector = {
  type: 'object',
  properties: {
    namespaces: texts,
    labelSelectors: textMap,
    fieldSelectors: textMap,
    nodes: texts,
    pods: { type: 'object', additionalProperties: texts },
  },
  'x-kubernetes-preserve-unknown-fields': true,
};

const spec = {
  type: 'object',
  required: ['action', 'mode', 'selector'],
  properties: {
    action: { ...text, enum: ['pod-kill', 'pod-failure', 'container-kill'] },
    mode: { ...text, enum: ['one', 'all', 'fixed', 'fixed-percent', 'random-max-percent'] },
    value: text,
    selector,
    containerNames: texts,
    duration: text,
    gracePeriod: { type: 'integer', format: 'int64', minimum: 0 },
  },
  'x-kubernetes-preserve-unknown-fields': true,
};

/** Chaos Mesh's own name and version. As there, `status` is no subresource. */
export const podChaosCrd: KubeObject = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'podchaos.chaos-mesh.org' },
  spec: {
    group: 'chaos-mesh.org',
    names: { kind: 'PodChaos', listKind: 'PodChaosList', plural: 'podchaos', singular: 'podchaos' },
    scope: 'Namespaced',
    versions: [
      {
        name: 'v1alpha1',
        served: true,
        storage: true,
        additionalPrinterColumns: [{ name: 'duration', type: 'string', jsonPath: '.spec.duration' }],
        schema: {
          openAPIV3Schema: {
            type: 'object',
            required: ['spec'],
            properties: {
              apiVersion: text,
              kind: text,
              metadata: { type: 'object' },
              spec,
              status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
            },
          },
        },
      },
    ],
  },
};
