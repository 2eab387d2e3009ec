import { expect, it } from 'vitest';
import type { EventBody } from '../core/events.ts';
import { operate } from './operate.ts';
import type { ClusterStage } from './stage.ts';

/** An operator whose kubectl is this shell script. */
async function typed(script: string, timeoutMs = 20_000): Promise<EventBody | undefined> {
  const events: EventBody[] = [];
  const stage = {
    cluster: { adminKubectl: ['sh', '-c', script, 'kubectl'], kubectl: ['false'] },
    emit: (event: EventBody) => events.push(event),
    nowMs: () => 1_000,
    signal: new AbortController().signal,
  } as unknown as ClusterStage;
  const kubectl = ['delete', 'daemonset/telemetry-agent'];
  await operate(stage, { kind: 'operate', name: 'remove', kubectl, credential: 'admin', timeoutMs });
  return events[0];
}

it('writes down how the command ended, whatever that was', async () => {
  expect(await typed('echo "$1 $2"')).toMatchObject({
    type: 'operator-command',
    name: 'remove',
    command: 'kubectl delete daemonset/telemetry-agent (as admin)',
    exitCode: 0,
    output: 'delete daemonset/telemetry-agent',
  });
  expect(await typed('echo refused >&2; exit 3')).toMatchObject({ exitCode: 3, output: 'refused' });
});

it('ends a command that hangs', async () => {
  expect(await typed('exec sleep 60', 100)).toMatchObject({ exitCode: null });
});
