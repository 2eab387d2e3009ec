import { once } from 'node:events';
import { createServer } from 'node:net';
import { messageOf } from '../../core/errors.ts';
import type { Check } from '../cluster.ts';
import { defaultStateRoot, longestName } from './state-folder.ts';

/** The clusters of runs are called `blackstart-` and six digits of their run's id. */
const runNameLength = 17;

/** Everything that embedded clusters need on this machine. */
export async function doctor(root = defaultStateRoot()): Promise<readonly Check[]> {
  const platform = platformCheck(process.platform);
  return platform.status === 'ok' ? [platform, folderCheck(root), await lowPortCheck()] : [platform];
}

/** Clusters have Unix sockets in their folders, and the kernel limits the length of their paths. */
export function folderCheck(root: string): Check {
  const longest = longestName(root);
  const isShort = longest >= runNameLength;
  return {
    name: 'cluster folder',
    status: isShort ? 'ok' : 'missing',
    found: `${root}: names of clusters have at most ${longest} characters`,
    hint: isShort ? '' : `Runs need ${runNameLength}. Set BLACKSTART_EMBEDDED_DIR to a folder with a shorter path.`,
  };
}

/** The whole of 127.0.0.0/8 answers on Linux only; elsewhere it is one address. */
export function platformCheck(platform: string): Check {
  const isLinux = platform === 'linux';
  return {
    name: 'Linux',
    status: isLinux ? 'ok' : 'missing',
    found: platform,
    hint: isLinux ? '' : 'Embedded clusters need Linux. Use --backend kind, or a Linux machine or container.',
  };
}

/** Services have the ports that they have in Kubernetes: 53, 80, 443. */
async function lowPortCheck(): Promise<Check> {
  const name = 'low ports';
  try {
    const server = createServer().listen(53, '127.255.254.253');
    await once(server, 'listening');
    server.close();
    return { name, status: 'ok', found: 'may be opened on loopback addresses', hint: '' };
  } catch (problem) {
    return {
      name,
      status: 'missing',
      found: messageOf(problem),
      hint: 'Let every user open them: sudo sysctl -w net.ipv4.ip_unprivileged_port_start=0',
    };
  }
}
