import { basename } from 'node:path';
import type { RungSpec, WaySpec } from '../experiment/rung-spec.ts';

const certificates = { admin: 'admin certificate', 'break-glass': 'super-admin certificate' } as const;
const breakGlassByAddress = [certificates['break-glass'], 'address'];

/** What a rung hangs on: what its author knows, and what its way uses itself, which is easily forgotten. */
export function needsOf(rung: RungSpec): readonly string[] {
  const calls = rung.promises.includes('read') || rung.promises.includes('write');
  return [...new Set([...rung.dependsOn, ...usedBy(rung), ...(calls ? door(rung) : [])])];
}

/** To do what it does. */
function usedBy(way: WaySpec): readonly string[] {
  switch (way.way) {
    case 'call':
      return door(way);
    case 'command':
      return [certificates[way.credential]];
    case 'take-rights':
    case 'flow-schema':
      return breakGlassByAddress;
    case 'stop-agents':
      // The normal admin deletes the DaemonSet.
      return ['shells on all nodes', certificates.admin, 'address'];
    case 'block-agents':
    case 'fewer-nodes':
      return ['shells on all nodes'];
    case 'second-api-server':
    case 'restart-api-server':
    case 'raise-limits':
      return ['node shell'];
    case 'remedies': {
      const where = way.operator === 'second' ? 'node shell' : 'address';
      return [certificates.admin, where, ...way.ways.flatMap((one) => usedBy({ way: one }))];
    }
  }
}

/** To call the API when it is done. */
function door(way: WaySpec): readonly string[] {
  if (way.way === 'call') {
    const credential = way.kubeconfig === null ? certificates[way.credential] : basename(way.kubeconfig);
    return [credential, way.via === 'address' ? 'address' : 'node shell'];
  }
  if (way.way === 'command') return [certificates[way.credential], 'address'];
  return way.way === 'second-api-server' ? [certificates['break-glass'], 'node shell'] : breakGlassByAddress;
}
