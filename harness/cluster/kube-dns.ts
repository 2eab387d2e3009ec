import { BlackstartError } from '../core/errors.ts';
import type { ApiClient } from './client.ts';

/** The address of the cluster's DNS: the ClusterIP of the Service kube-dns. */
export async function kubeDnsAddress(api: ApiClient): Promise<string> {
  const service = await api.get({ apiVersion: 'v1', kind: 'Service', namespace: 'kube-system', name: 'kube-dns' });
  const address = service?.spec?.['clusterIP'];
  if (typeof address === 'string' && address !== '' && address !== 'None') return address;
  throw new BlackstartError('cluster', 'The cluster has no Service kube-system/kube-dns with a ClusterIP', {
    hint: 'Blackstart needs CoreDNS behind the Service kube-dns, as kubeadm and kind set it up.',
  });
}
