import { FlowRejection, type FlowControl, type FlowRequest, type RequestKind } from './types.ts';

const readOnlyVerbs = new Set(['get', 'list', 'watch']);

/** Which of the two limits a request counts against. */
export function kindOf({ verb }: FlowRequest): RequestKind {
  return readOnlyVerbs.has(verb) ? 'readOnly' : 'mutating';
}

/**
 * What is there without priority and fairness: so many reads and so many writes at once, the next is refused at once; 0 means no
 * limit. `system:masters` is never refused, as in the real server. Watches are not counted.
 */
export function inFlightLimits(limits: Readonly<Record<RequestKind, number>>): FlowControl {
  const served: Record<RequestKind, number> = { readOnly: 0, mutating: 0 };
  return {
    admit: async (request) => {
      if (request.isWatch) return { release: () => {}, headers: {} };
      const kind = kindOf(request);
      if (limits[kind] > 0 && served[kind] >= limits[kind]) {
        if (!request.groups.includes('system:masters')) throw new FlowRejection('concurrency-limit');
        return { release: () => {}, headers: {} };
      }
      served[kind] += 1;
      return { release: () => void (served[kind] -= 1), headers: {} };
    },
  };
}
