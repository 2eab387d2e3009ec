import { readFileSync } from 'node:fs';
import { getOnce } from './http-get.ts';
import { runHops } from './hops.ts';
import { httpsProbe } from './https-probe.ts';
import type { LaneProbe, Probe } from './outcome.ts';
import { openConnection } from './open-connection.ts';
import { resolveAddress } from './resolve.ts';
import type { LaneConfig } from './wire.ts';

/** A DNS client gives up after so long, whatever the deadline of the whole probe is. */
const resolveDeadlineMs = 2_000;

export interface ProbeSettings {
  /** Address of the node; the prober's own server and the node's DNS caches listen there. */
  readonly nodeAddress: string;
  /** Port of the prober's own server, for the loopback lane. */
  readonly ownPort: number;
  /** File with the certificate authority of the API server; read for `https` lanes only. */
  readonly apiCaFile: string;
}

/** Builds the probe of a lane. Throws when the lane cannot be probed from here, for example without the CA file. */
export function laneProbe(lane: LaneConfig, settings: ProbeSettings): LaneProbe {
  switch (lane.kind) {
    case 'resolve':
      return { probe: () => resolveProbe(lane, resolverOf(lane, settings)), close: () => undefined };
    case 'https': {
      const tls = { ca: readFileSync(settings.apiCaFile, 'utf8') };
      return httpsProbe({ url: lane.url, method: 'GET', tls, isOk: (status) => status === 200 }, lane.deadlineMs);
    }
    case 'api-call':
      return httpsProbe({ ...lane, isOk: (status) => status >= 200 && status < 300 }, lane.deadlineMs);
    case 'loopback':
      return { probe: () => loopbackProbe(settings, lane.deadlineMs), close: () => undefined };
  }
}

type ResolveLane = LaneConfig & { kind: 'resolve' };

function resolverOf({ resolver }: ResolveLane, { nodeAddress }: ProbeSettings): ResolveLane['resolver'] {
  return resolver.address === 'node' ? { ...resolver, address: nodeAddress } : resolver;
}

async function resolveProbe(lane: ResolveLane, resolver: ResolveLane['resolver']): ReturnType<Probe> {
  return await runHops(lane.deadlineMs, async (hops) => {
    const answer = await hops.hop('resolve', () =>
      resolveAddress(resolver, lane.host, Math.min(resolveDeadlineMs, hops.remainingMs())),
    );
    hops.answered(answer.ttlS);
    const socket = await hops.hop('connect', () => openConnection(answer.address, lane.port, hops.remainingMs()));
    const host = `${lane.host}:${lane.port}`;
    await hops.hop('request', () => getOnce(socket, host, lane.path, hops.remainingMs()));
  });
}

async function loopbackProbe({ nodeAddress, ownPort }: ProbeSettings, deadlineMs: number): ReturnType<Probe> {
  return await runHops(deadlineMs, async (hops) => {
    const socket = await hops.hop('connect', () => openConnection(nodeAddress, ownPort, hops.remainingMs()));
    await hops.hop('request', () => getOnce(socket, nodeAddress, '/clock', hops.remainingMs()));
  });
}
