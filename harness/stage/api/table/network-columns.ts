import type { KubeObject } from '../../client/types.ts';
import { age, column, formatLabels, name, text, wide, type Column } from './column.ts';
import { at, listAt, numberAt, show, textAt } from './read.ts';

export const serviceColumns: readonly Column[] = [
  name,
  text('Type', ['spec', 'type']),
  column('Cluster-IP', (service) => show(listAt(service, 'spec', 'clusterIPs')[0] ?? '<none>')),
  column('External-IP', externalIp),
  column('Port(s)', servicePorts),
  age,
  wide('Selector', (service) => formatLabels(service, 'spec', 'selector')),
];

function externalIp(service: KubeObject): string {
  const type = textAt(service, 'spec', 'type');
  if (type === 'ExternalName') return textAt(service, 'spec', 'externalName');
  const balanced = listAt(service, 'status', 'loadBalancer', 'ingress').map(
    (ingress) => textAt(ingress, 'ip') || textAt(ingress, 'hostname'),
  );
  const all = [...(type === 'LoadBalancer' ? balanced : []), ...listAt(service, 'spec', 'externalIPs')];
  return all.join(',') || (type === 'LoadBalancer' ? '<pending>' : '<none>');
}

function servicePorts(service: KubeObject): string {
  const ports = listAt(service, 'spec', 'ports').map((port) => {
    const nodePort = numberAt(port, 'nodePort');
    return `${numberAt(port, 'port')}${nodePort > 0 ? `:${nodePort}` : ''}/${textAt(port, 'protocol')}`;
  });
  return ports.join(',') || '<none>';
}

export const endpointColumns: readonly Column[] = [name, column('Endpoints', endpoints), age];

function endpoints(object: KubeObject): string {
  const all = listAt(object, 'subsets').flatMap((subset) => {
    const addresses = listAt(subset, 'addresses').map((address) => textAt(address, 'ip'));
    const ports = listAt(subset, 'ports').map((port) => `:${numberAt(port, 'port')}`);
    return (ports.length === 0 ? [''] : ports).flatMap((port) => addresses.map((address) => address + port));
  });
  return listAt(object, 'subsets').length === 0 ? '<none>' : firstThree(all);
}

export const endpointSliceColumns: readonly Column[] = [
  name,
  text('AddressType', ['addressType']),
  column(
    'Ports',
    (slice) =>
      firstThree(listAt(slice, 'ports').map((port) => show(at(port, 'port') ?? at(port, 'name') ?? '*'))) || '<unset>',
  ),
  column(
    'Endpoints',
    (slice) =>
      firstThree(listAt(slice, 'endpoints').flatMap((endpoint) => listAt(endpoint, 'addresses').map(show))) ||
      '<unset>',
  ),
  age,
];

function firstThree(texts: readonly string[]): string {
  const shown = texts.slice(0, 3).join(',');
  return texts.length > 3 ? `${shown} + ${texts.length - 3} more...` : shown;
}
