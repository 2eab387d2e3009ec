/** When things happen in the run that tests start from, in milliseconds since its start. */
export const when = {
  probing: 1_000,
  firstFault: 10_000,
  /** A side outage of the API of half a second. */
  apiKilled: 11_000,
  apiDown: 13_000,
  dnsRestarted: 15_300,
  /** CoreDNS is up again without the API. */
  dnsUnsynced: 17_000,
  expiry: 20_000,
  heal: 30_000,
  recover: 30_500,
  apiBack: 31_000,
  dnsBack: 34_000,
  recovered: 38_000,
  lastSample: 38_600,
} as const;

/** Where and when a sample is taken. */
export interface At {
  readonly lane: string;
  readonly node: string;
  readonly ms: number;
}

/** How a sample ends. */
export interface Ending {
  readonly outcome: string;
  readonly totalMs: number;
  readonly ttlS: number;
  readonly lagMs: number;
}

const holdMs = 5_000;

/** The run in which everything happens as the theory says: a pass. */
export function usualEnding({ lane, ms }: At): Ending {
  const ending = { outcome: 'ok', totalMs: 3, ttlS: -1, lagMs: 0.5 };
  if (lane === 'loopback') return ending;
  if (lane === 'api') return { ...ending, outcome: isApiUp(ms) ? 'ok' : 'connect:refused' };
  if (lane === 'direct') return { ...ending, outcome: dnsOutcome(ms), ttlS: dnsOutcome(ms) === 'ok' ? 5 : -1 };
  const isExpired = ms >= when.expiry && ms < when.dnsBack;
  if (isExpired && lane === 'control') return { ...ending, outcome: 'resolve:SERVFAIL', totalMs: 4 };
  const ttlS = isExpired
    ? 0
    : holdMs / 1_000 - Math.floor(((ms - (ms >= when.dnsBack ? when.dnsBack : 0)) % holdMs) / 1_000);
  return { ...ending, ttlS };
}

function isApiUp(ms: number): boolean {
  return !((ms >= when.apiKilled && ms < when.apiKilled + 500) || (ms >= when.apiDown && ms < when.apiBack));
}

function dnsOutcome(ms: number): string {
  if (ms >= when.dnsRestarted && ms < when.dnsUnsynced) return 'resolve:refused';
  return ms >= when.dnsUnsynced && ms < when.dnsBack ? 'resolve:SERVFAIL' : 'ok';
}
