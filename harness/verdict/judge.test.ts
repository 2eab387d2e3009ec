import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { RunEvent } from '../core/events.ts';
import type { Plan } from '../plan/plan.ts';
import { judge, judgeSafely, renderResultJson } from './judge.ts';
import { parseResult, resultSchema } from './result.ts';
import { buildRun } from './testing/log-builder.ts';
import { situations } from './testing/situations.ts';

describe('judge', () => {
  it.each(situations)('says $verdict ($reasonCode, exit $exitCode) when $name', (situation) => {
    const { plan, events } = buildRun(situation);
    expect(judgeSafely(plan, events)).toMatchObject({
      verdict: situation.verdict,
      reasonCode: situation.reasonCode,
      exitCode: situation.exitCode,
      reason: expect.stringMatching(situation.says) as string,
    });
  });

  it('says the same whether or not a fault is marked as sabotaged', () => {
    const { plan, events } = buildRun();
    const marked = {
      ...plan,
      method: plan.method.map((step) => (step.kind === 'inject' ? { ...step, sabotaged: true } : step)),
    };
    const markedEvents = events.map((event) =>
      event.type === 'fault-started' ? { ...event, sabotaged: true } : event,
    );
    expect(judge(marked, markedEvents)).toEqual({
      ...judge(plan, events),
      sabotage: ['coredns-pod-kill', 'apiserver-kill', 'apiserver-down', 'coredns-restart'],
    });
  });

  it('gives the same bytes for the same log, read back from disk', () => {
    const { plan, events } = buildRun();
    const again = JSON.parse(JSON.stringify({ plan, events })) as { plan: Plan; events: RunEvent[] };
    expect(renderResultJson(judge(again.plan, again.events))).toBe(renderResultJson(judge(plan, events)));
  });

  it('writes what its own schema reads', () => {
    const { plan, events } = buildRun();
    const result = judge(plan, events);
    expect(parseResult(JSON.parse(renderResultJson(result)))).toEqual(result);
  });

  it('knows of a run that it cannot read whether it was interrupted and what it left behind', () => {
    const { plan, events } = buildRun({
      events: (usual) =>
        usual.map((event) => (event.type === 'samples' ? { ...event, rows: null as unknown as [] } : event)),
    });
    const interrupted: RunEvent = { seq: events.length, monotonicMs: 41_000, type: 'interrupted', signal: 'SIGHUP' };
    expect(judgeSafely(plan, [...events, interrupted])).toMatchObject({
      reasonCode: 'judge-error',
      exitCode: 129,
      interrupted: true,
      clean: true,
    });
  });

  // Re-baseline both on purpose only: npm run golden
  it('writes result.json as it always did', async () => {
    const { plan, events } = buildRun();
    await expect(renderResultJson(judge(plan, events))).toMatchFileSnapshot('golden/pass.json');
  });

  it('publishes the schema that it validates with', async () => {
    const published = `${JSON.stringify(z.toJSONSchema(resultSchema), null, 2)}\n`;
    await expect(published).toMatchFileSnapshot('result.schema.json');
  });
});
