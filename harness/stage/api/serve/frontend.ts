import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../../../core/clock.ts';
import type { ApiMetrics } from '../../metrics/api-metrics.ts';
import type { FlowControl } from '../flow/types.ts';
import type { Tokens } from '../auth/tokens.ts';
import type { Registry } from '../resources.ts';
import type { Api } from '../rest/api.ts';
import type { Phase } from './health.ts';

/** What there is of the server, which is less while it starts. */
export interface Frontend {
  phase: Phase;
  /** Undefined until it is known who may come in. */
  tokens: Tokens | undefined;
  /** Undefined until the caches are filled. */
  api: Api | undefined;
  readonly registry: Registry;
  readonly flow: FlowControl;
  readonly metrics: ApiMetrics;
  readonly clock: Clock;
  /** `ADDRESS:PORT`. */
  readonly server: string;
  /** How long a request may take that is neither a watch nor a log. */
  readonly requestTimeoutMs: number;
}

/** One request with the answer to it. */
export interface Exchange {
  readonly incoming: IncomingMessage;
  readonly response: ServerResponse;
}
