import { X509Certificate } from 'node:crypto';
import { basename } from 'node:path';
import { signInOf } from '../cluster/client-node.ts';
import type { Cluster } from '../cluster/cluster.ts';
import type { RungCredential } from '../core/rung-events.ts';
import type { WaySpec } from '../experiment/rung-spec.ts';

/** What a rung signs in with, and until when that is valid; null for what needs no credential of the API. */
export async function credentialOf(way: WaySpec, { credentials }: Cluster): Promise<RungCredential | null> {
  const named = credentialName(way);
  if (named === null) return null;
  const own = way.way === 'call' ? way.kubeconfig : null;
  const path = own ?? (named === 'admin' ? credentials.admin : credentials.breakGlass);
  return { as: own === null ? named : basename(own), file: basename(path), expires: await expiryOf(path) };
}

function credentialName(way: WaySpec): 'admin' | 'break-glass' | null {
  switch (way.way) {
    case 'call':
    case 'command':
      return way.credential;
    case 'stop-agents':
      // Who stops containers on the nodes; the normal admin's delete comes after it.
      return null;
    case 'block-agents':
    case 'fewer-nodes':
    case 'raise-limits':
      return null;
    case 'remedies':
      return 'admin';
    case 'second-api-server':
    case 'restart-api-server':
    case 'take-rights':
    case 'flow-schema':
      return 'break-glass';
  }
}

/** A file that cannot be read is no reason not to try it: then the try says what is wrong. */
async function expiryOf(kubeconfig: string): Promise<string | null> {
  try {
    const { tls } = await signInOf(kubeconfig);
    return new X509Certificate(tls.cert).validToDate.toISOString();
  } catch {
    return null;
  }
}
