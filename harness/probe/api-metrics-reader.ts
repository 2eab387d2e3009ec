import { Agent, request, type RequestOptions } from 'node:https';
import { signInOf, type SignIn } from '../cluster/client-node.ts';
import { messageOf } from '../core/errors.ts';
import type { Emit } from '../core/events.ts';
import { ApiMetricsParser } from './api-metrics.ts';

/** Reads what the API server counts of itself. That it cannot be reached is told as what it is: a state. */
export interface ApiMetricsReader {
  /** Never rejects. */
  read(): Promise<void>;
  close(): void;
}

/** Wall milliseconds for a read. */
const deadlineMs = 5_000;

/** Signs in with this kubeconfig, which should be the exempt one, on one connection that is kept alive. */
export async function openApiMetricsReader(
  kubeconfigPath: string,
  emit: Emit,
  nowMs: () => number,
): Promise<ApiMetricsReader> {
  return apiMetricsReader(await signInOf(kubeconfigPath), emit, nowMs);
}

export function apiMetricsReader({ server, tls }: SignIn, emit: Emit, nowMs: () => number): ApiMetricsReader {
  const agent = new Agent({ ...tls, keepAlive: true, maxSockets: 1 });
  return {
    read: async () => {
      const parser = new ApiMetricsParser();
      const startMs = nowMs();
      let bytes = 0;
      try {
        await getText(`${server}/metrics`, { agent, signal: AbortSignal.timeout(deadlineMs) }, (text) => {
          bytes += text.length;
          parser.feed(text);
        });
        emit({ type: 'api-metrics', reachable: true, readMs: Math.round(nowMs() - startMs), bytes, ...parser.end() });
      } catch (problem) {
        const isLate = nowMs() - startMs >= deadlineMs - 1;
        const message = isLate ? `no answer within ${deadlineMs / 1_000} s` : messageOf(problem);
        emit({ type: 'api-metrics', reachable: false, message });
      }
    },
    close: () => agent.destroy(),
  };
}

/** Gives the body of a 200 piece by piece; one byte is one character. Rejects for anything else. */
async function getText(url: string, options: RequestOptions, onText: (text: string) => void): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const sent = request(url, options, (response) => {
    response.setEncoding('latin1');
    response.on('error', reject);
    if (response.statusCode !== 200) {
      response.resume();
      reject(new Error(`status ${response.statusCode}`));
      return;
    }
    response.on('data', onText);
    response.on('end', resolve);
  });
  sent.on('error', reject);
  sent.end();
  await promise;
}
