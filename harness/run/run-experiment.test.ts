import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Backend } from '../cluster/cluster.ts';
import { readEventLog } from '../core/event-log.ts';
import type { Change } from '../undo/change.ts';
import { readUndoLog } from '../undo/undo-log.ts';
import { virtualClock } from '../fault/testing/virtual-clock.ts';
import { judge } from '../verdict/judge.ts';
import { samplePlan } from '../verdict/testing/sample-plan.ts';
import { runExperiment } from './run-experiment.ts';

/** A backend whose clusters never come up. */
function stuckBackend(clock: ReturnType<typeof virtualClock>): Backend {
  const create: Backend['create'] = ({ name }, { signal }) => {
    const change: Change = {
      describe: `create cluster ${name}`,
      undo: { argv: ['delete', name], timeoutMs: 1_000 },
      needs: 'host',
      snapshot: async () => {},
      apply: async () => await clock.sleep(3_600_000, signal),
      verify: async () => [],
    };
    return { change, attach: () => Promise.reject(new Error('there is no cluster')) };
  };
  return { name: 'stuck', location: async () => 'nowhere', create } as Partial<Backend> as Backend;
}

test('a cluster that never comes up is deleted when the limit of prepare is over, and the judge names both', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'blackstart-run-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const clock = virtualClock();
  const undone: string[] = [];
  await runExperiment(
    {
      plan: samplePlan,
      backend: stuckBackend(clock),
      runId: 'abc',
      version: '0',
      folder,
      clusterName: undefined,
      keep: false,
      chaosMeshChart: undefined,
      clock,
      run: async (argv) => {
        undone.push(argv.join(' '));
        return await Promise.resolve({ exitCode: 0, stdout: '', stderr: '' });
      },
      signal: new AbortController().signal,
    },
    () => undefined,
  );
  expect(undone).toEqual(['delete blackstart-abc']);
  const { header, pending } = readUndoLog(join(folder, 'undo.jsonl'));
  expect([header.cluster, pending]).toEqual([{ backend: 'stuck', name: 'blackstart-abc', location: 'nowhere' }, []]);
  expect(judge(samplePlan, readEventLog(join(folder, 'events.jsonl')))).toMatchObject({
    verdict: 'inconclusive',
    reasonCode: 'not-run',
    reason: expect.stringContaining('Phase prepare did not end within its limit of 10 s') as string,
    exitCode: 3,
    clean: true,
  });
});
