/** How far the server is: it listens at once, then learns who may come in, then fills its caches. */
export type Phase = 'starting' | 'loading' | 'ready' | 'stopping';

interface HealthAnswer {
  readonly code: 200 | 404 | 500;
  readonly text: string;
}

interface Check {
  readonly name: string;
  /** Also asked by /livez and /healthz. */
  readonly live: boolean;
  readonly passes: (phase: Phase, storeIsReadable: () => boolean) => boolean;
}

const isLoaded = (phase: Phase): boolean => phase === 'ready' || phase === 'stopping';

/** Named as in the real server, where there is something to check. */
const checks: readonly Check[] = [
  { name: 'ping', live: true, passes: () => true },
  { name: 'log', live: true, passes: () => true },
  { name: 'etcd', live: true, passes: (_phase, storeIsReadable) => storeIsReadable() },
  { name: 'poststarthook/start-apiextensions-informers', live: false, passes: isLoaded },
  { name: 'poststarthook/rbac/bootstrap-roles', live: false, passes: (phase) => phase !== 'starting' },
  { name: 'poststarthook/priority-and-fairness-config-producer', live: false, passes: isLoaded },
  { name: 'informer-sync', live: false, passes: isLoaded },
  { name: 'shutdown', live: false, passes: (phase) => phase !== 'stopping' },
];

/** Answers `/livez`, `/readyz`, `/healthz` and each check of them, as `/readyz/etcd`. */
export function health(
  path: string,
  query: URLSearchParams,
  phase: Phase,
  storeIsReadable: () => boolean,
): HealthAnswer {
  const [, endpoint = '', ...names] = path.replace(/\/$/, '').split('/');
  const asked = checks.filter((check) => check.live || endpoint === 'readyz');
  const excluded = query.getAll('exclude');
  const chosen =
    names.length > 0
      ? asked.filter((check) => check.name === names.join('/'))
      : asked.filter((check) => !excluded.includes(check.name));
  if (names.length > 0 && chosen.length === 0) return { code: 404, text: '404 page not found\n' };
  const results = chosen.map((check) => ({ name: check.name, ok: check.passes(phase, storeIsReadable) }));
  const failed = results.some((result) => !result.ok);
  if (!failed && !query.has('verbose')) return { code: 200, text: 'ok' };
  const lines = results.map(({ name, ok }) => (ok ? `[+]${name} ok\n` : `[-]${name} failed: reason withheld\n`));
  const end = failed ? `${endpoint} check failed\n` : `${endpoint} check passed\n`;
  return { code: failed ? 500 : 200, text: lines.join('') + end };
}
