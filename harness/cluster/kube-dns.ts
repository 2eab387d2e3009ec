import { BlackstartError } from '../core/errors.ts';
import type { ApiClient } from './client.ts';

/** The Service of `manifests/dns-upstream.yaml`: every CoreDNS pod, ready or not. */
export const dnsUpstream = { namespace: 'kube-system', name: 'blackstart-dns-upstream' } as const;

/** The address of the cluster's DNS: the ClusterIP of the Service kube-dns. */
export async function kubeDnsAddress(api: ApiClient): Promise<string> {
  return await clusterIp(
    api,
    'kube-dns',
    'Blackstart needs CoreDNS behind the Service kube-dns, as kubeadm and kind set it up.',
  );
}

/** The ClusterIP of the Service that has CoreDNS pods which are not ready too. */
export async function dnsUpstreamAddress(api: ApiClient): Promise<string> {
  return await clusterIp(api, dnsUpstream.name, 'Somebody deleted it while the run was being prepared; run again.');
}

async function clusterIp(api: ApiClient, name: string, hint: string): Promise<string> {
  const service = await api.get({ apiVersion: 'v1', kind: 'Service', namespace: 'kube-system', name });
  const address = service?.spec?.['clusterIP'];
  if (typeof address === 'string' && address !== '' && address !== 'None') return address;
  throw new BlackstartError('cluster', `The cluster has no Service kube-system/${name} with a ClusterIP`, { hint });
}
