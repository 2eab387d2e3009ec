import { expect, it } from 'vitest';
import { AgentReports } from './agent-reports.ts';

function body(pod: string): string {
  const counts = { nodes: 1, requests: 1, ok: 1, refused: 0, forbidden: 0, failed: 0, timeouts: 0 };
  return JSON.stringify({ pod, node: 'a', mode: 'watch', ...counts, bytes: 0, inFlight: 0, p50Ms: 1, p99Ms: 1 });
}

it('forgets the pod that has been silent for longest when there are too many', () => {
  const reports = new AgentReports();
  for (let number = 0; number < 64; number++) reports.add(body(`agent-${number}`), number);
  reports.add(body('agent-0'), 64);
  reports.add(body('one-more'), 65);
  const all = reports.all();
  expect(Object.keys(all)).toHaveLength(64);
  expect(all['agent-1']).toBeUndefined();
  expect([all['agent-0']?.atMs, all['one-more']?.atMs]).toEqual([64, 65]);
});

it('takes a strange pod name for a name', () => {
  const reports = new AgentReports();
  reports.add(body('__proto__'), 1);
  expect(Object.keys(reports.all())).toEqual(['__proto__']);
});

it.each(['', 'null', '[]', '{"pod":1}'])('throws for %j', (text) => {
  const reports = new AgentReports();
  expect(() => reports.add(text, 1)).toThrow(Error);
  expect(reports.all()).toEqual({});
});
