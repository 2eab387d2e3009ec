import * as fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { fuzzRequest } from '../testing/fuzz-requests.ts';
import { configMap } from '../testing/objects.ts';
import { startTestApi } from '../testing/test-api.ts';

const requests = 10_000;
const parallel = 20;

test(`${requests} requests of all kinds get the answer of a server that is well`, async () => {
  const api = await startTestApi();
  onTestFinished(async () => await api.end());
  const problems: string[] = [];
  const queue = fc.sample(fuzzRequest, { numRuns: requests, seed: 20_241_211 });
  const counts = new Map<number, number>();
  const work = async (): Promise<void> => {
    for (let next = queue.pop(); next; next = queue.pop()) {
      const url = `${next.path}?${next.query.join('&')}`;
      const headers = { 'content-type': next.type, accept: next.accept };
      const hasBody = !['GET', 'HEAD', 'OPTIONS'].includes(next.method);
      const { status, object, text } = await api.call(next.method, url, {
        headers,
        ...(hasBody && { body: next.body }),
      });
      counts.set(status, (counts.get(status) ?? 0) + 1);
      // Logs are the only thing that can fail for want of somebody else.
      const isInternal = status >= 500 && status !== 504 && !next.path.endsWith('/log');
      const isStatus = next.method === 'HEAD' || object.kind === 'Status' || text.includes('page not found');
      if (isInternal || (status >= 400 && !isStatus)) problems.push(`${JSON.stringify(next)}\n  → ${status} ${text}`);
    }
  };
  await Promise.all(Array.from({ length: parallel }, work));
  expect(problems).toEqual([]);
  // Requests that are all refused at the door would prove little.
  for (const status of [200, 201, 400, 404, 409, 415, 422]) expect(counts.get(status), `${status}`).toBeGreaterThan(50);
  expect((await api.call('GET', '/readyz')).text).toBe('ok');
  expect(
    (
      await api.call('POST', '/api/v1/namespaces/kube-system/configmaps', {
        body: configMap('after', {}, 'kube-system'),
      })
    ).status,
  ).toBe(201);
}, 60_000);
