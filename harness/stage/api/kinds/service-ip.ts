import type { KubeObject } from '../../client/types.ts';
import { builtIn } from '../resources.ts';
import { internal, invalid } from '../status.ts';
import { specOf, type ServiceSpec } from './fields.ts';

/** The addresses that Services get. */
export interface ServiceRange {
  /** Of the Service `kubernetes`. */
  readonly first: string;
  contains(address: string): boolean;
  /** Undefined when all are taken. */
  free(taken: ReadonlySet<string>): string | undefined;
}

/** Addresses below this offset are only given to who asks for them by name: `kubernetes` is 1, `kube-dns` 10. */
const firstDynamic = 20;

/** @param cidr IPv4, for example `127.16.200.0/24`; throws when it is not one. */
export function parseServiceRange(cidr: string): ServiceRange {
  const [, address = '', bits = ''] = /^(\d+\.\d+\.\d+\.\d+)\/(\d+)$/.exec(cidr) ?? [];
  const size = 2 ** (32 - Number(bits));
  if (address === '' || size < 32) throw new Error(`Not an IPv4 range of 32 addresses or more: ${cidr}`);
  const base = Math.floor(toNumber(address) / size) * size;
  return {
    first: toText(base + 1),
    contains: (one) => {
      const offset = /^\d+\.\d+\.\d+\.\d+$/.test(one) ? toNumber(one) - base : 0;
      return offset > 0 && offset < size - 1;
    },
    free: (taken) => {
      for (let offset = firstDynamic; offset < size - 1; offset++) {
        if (!taken.has(toText(base + offset))) return toText(base + offset);
      }
      return undefined;
    },
  };
}

/**
 * The service with its cluster IP: its own when it has one, else the first free one. Throws 422 when it is taken.
 * Call where nobody else can write, or two services get the same.
 */
export function withClusterIp(range: ServiceRange, service: KubeObject, others: readonly KubeObject[]): KubeObject {
  const spec = specOf<ServiceSpec>(service);
  if (spec.type === 'ExternalName') {
    const { clusterIP: _ip, clusterIPs: _ips, ...rest } = spec;
    return { ...service, spec: rest };
  }
  const taken = new Set(
    others
      .filter((other) => other.metadata.uid !== service.metadata.uid)
      .map((other) => specOf<ServiceSpec>(other).clusterIP ?? ''),
  );
  const clusterIP = spec.clusterIP || range.free(taken);
  if (clusterIP === undefined) throw internal('failed to allocate a serviceIP: range is full');
  const problem = clusterIP === 'None' ? undefined : refusal(range, clusterIP, taken);
  if (problem !== undefined) {
    const message = `Invalid value: ${problem}`;
    throw invalid(builtIn('services'), service.metadata.name, [
      { reason: 'FieldValueInvalid', field: 'spec.clusterIPs', message },
    ]);
  }
  return { ...service, spec: { ...spec, clusterIP, clusterIPs: [clusterIP] } };
}

function refusal(range: ServiceRange, address: string, taken: ReadonlySet<string>): string | undefined {
  if (!range.contains(address)) return `["${address}"]: the provided IP is not in the valid range`;
  return taken.has(address) ? `["${address}"]: provided IP is already allocated` : undefined;
}

function toNumber(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

function toText(value: number): string {
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join('.');
}
