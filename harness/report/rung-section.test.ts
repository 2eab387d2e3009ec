import { expect, it } from 'vitest';
import type { Result, RungResult } from '../verdict/result.ts';
import { credentialLines, rungLines } from './rung-section.ts';
import { createStyle } from './style.ts';

const breakGlass = { as: 'break-glass', file: 'super-admin.conf', expires: '2027-11-28T23:49:00.000Z' };
const call = {
  call: 'write',
  through: 'break-glass by its address',
  status: 200,
  durationMs: 212,
  tries: 1,
  priorityLevel: 'exempt',
  message: '',
} as const;

function rung(changes: Partial<RungResult>): RungResult {
  return {
    attempt: 'super-admin-at-1000',
    rung: 'super-admin',
    level: '1000 agents',
    agents: 1_000,
    way: 'call',
    dependsOn: ['API server', 'its address or load balancer'],
    optional: false,
    outcome: 'tried',
    credential: breakGlass,
    load: [],
    control: {
      outcome: 'locked-out',
      durationMs: 6_500,
      failures: 6,
      text: '6 calls failed in 6.5 s, none got through',
    },
    quietMs: 60_000,
    startedMs: 90_000,
    calls: [call],
    promises: [
      { promise: 'read', outcome: 'kept', measuredMs: 180, limitMs: 10_000, text: 'status 200' },
      { promise: 'write', outcome: 'kept', measuredMs: 212, limitMs: 10_000, text: 'status 200, read back' },
    ],
    acts: [],
    verdict: 'pass',
    message: '',
    ...changes,
  };
}

/** One of each kind: the control, kept, broken, unknown, not possible here, not tried. */
const ladder: readonly RungResult[] = [
  rung({
    rung: 'normal-admin',
    promises: [],
    credential: { ...breakGlass, as: 'admin', file: 'admin.conf' },
    calls: [{ ...call, status: null, durationMs: 10_000, priorityLevel: null, message: 'no answer within 10 s' }],
  }),
  rung({}),
  rung({
    rung: 'restart-api-server',
    dependsOn: ['a shell on the control-plane node', 'etcd'],
    calls: [{ ...call, status: 401, tries: 12, priorityLevel: null, message: 'Unauthorized' }],
    promises: [{ promise: 'write', outcome: 'broken', measuredMs: null, limitMs: 120_000, text: 'status 401' }],
    verdict: 'fail',
  }),
  rung({
    rung: 'block-agents',
    outcome: 'cannot',
    optional: true,
    promises: [{ promise: 'relieve', outcome: 'unknown', measuredMs: null, limitMs: 60_000, text: 'it was not tried' }],
    message: 'it needs nodes with a packet filter of their own',
    verdict: 'inconclusive',
  }),
  rung({
    level: '4000 agents',
    control: { outcome: 'open', durationMs: 6_500, failures: 5, text: '1 call of the normal admin got through' },
    verdict: 'inconclusive',
  }),
  rung({
    level: '4000 agents',
    rung: 'stop-agents',
    calls: [],
    credential: null,
    promises: [
      {
        promise: 'relieve',
        outcome: 'kept',
        measuredMs: 9_400,
        limitMs: 90_000,
        text: "the normal admin's calls got through",
      },
      {
        promise: 'remove',
        outcome: 'unknown',
        measuredMs: 14_000,
        limitMs: 90_000,
        text: '2 looks at the nodes failed',
      },
    ],
    verdict: 'inconclusive',
  }),
];

const resultOf = (rungs: readonly RungResult[]): Result => ({ rungs }) as unknown as Result;

it('shows a table per load, what was called, and what did not work', async () => {
  const result = resultOf(ladder);
  const text = [...rungLines(result, createStyle(false)), '', ...credentialLines(result), ''].join('\n');
  await expect(text).toMatchFileSnapshot('golden/rungs.txt');
  expect(text.split('\n').filter((line) => line.length > 100)).toEqual([]);
});

it('says locked out of the normal admin only: others that promise nothing have shown nothing', () => {
  const idle = resultOf([rung({ promises: [], verdict: 'inconclusive' })]);
  expect(rungLines(idle, createStyle(false)).join('\n')).not.toContain('locked out  ');
  expect(rungLines(idle, createStyle(false)).join('\n')).toContain('nothing shown');
});

it('colors only the verdicts', () => {
  const colored = rungLines(resultOf(ladder), createStyle(true)).join('\n');
  expect(colored).toContain('\u001b[1;32mkept\u001b[0m');
  expect(colored).toContain('\u001b[1;31mbroken\u001b[0m');
});

it('has no lines for a run without rungs', () => {
  expect([...rungLines(resultOf([]), createStyle(false)), ...credentialLines(resultOf([]))]).toEqual([]);
});
