import { inject } from 'vitest';
import {
  environmentOf,
  freeAddress,
  ours,
  processUnderTest,
  type DnsServer,
  type Implementation,
} from '../../stage/dns/contract/server-under-test.ts';
import { images, startContainer, type RunningContainer } from './containers.ts';

/**
 * The DNS servers that the same tests are run against: ours, the real CoreDNS where its image is here, and any other CoreDNS
 * whose program `BLACKSTART_COREDNS` names.
 */
export function dnsServers(): Implementation[] {
  const program = process.env['BLACKSTART_COREDNS'];
  return [
    ours,
    ...(inject('withoutReal') === '' ? [{ name: `CoreDNS ${images.coreDns.split(':')[1]}`, create: inContainer }] : []),
    ...(program === undefined ? [] : [{ name: program, create: () => processUnderTest([program]) }]),
  ];
}

function inContainer(): DnsServer {
  const address = freeAddress();
  let container: RunningContainer | undefined;
  return {
    address,
    start: async (corefile, env = {}) => {
      container = await startContainer({
        image: images.coreDns,
        command: ['-conf', '/Corefile'],
        owner: inject('owner'),
        files: { '/Corefile': corefile },
        env: { ...environmentOf(address), ...env },
      });
    },
    stop: async () => {
      await container?.remove();
      container = undefined;
    },
  };
}
