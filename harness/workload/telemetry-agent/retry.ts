import type { Retry } from './config.ts';
import { isForbidden, isOk } from './counters.ts';

/** After so many the cycle is given up; the limit of Kubernetes' own client. */
const maxRetries = 10;

/** How long to wait before the request is sent again; undefined: not again in this cycle. */
export function retryDelayMs(
  policy: Retry,
  { code, retryAfterMs }: { readonly code: string; readonly retryAfterMs: number | undefined },
  retries: number,
): number | undefined {
  if (retries >= maxRetries || isOk(code) || isForbidden(code)) return undefined;
  switch (policy) {
    case 'none':
      return undefined;
    case 'at-once':
      return 0;
    case 'after':
      return retryAfterMs;
  }
}
