import { afterAll, describe, expect, test, type TestContext } from 'vitest';
import { doctor } from '../../cluster/embedded/doctor.ts';
import { blackstart, runExperiment, type FinishedRun } from '../blackstart.ts';
import { summary, untilJudged } from '../judged-run.ts';

/**
 * Whole experiments on embedded clusters: a miniature of the kind suite, for machines without Docker. Not part of
 * `npm test`: the probers need a core that nothing else uses.
 */
const canRun = (await doctor()).every((check) => check.status === 'ok');
if (!canRun) process.stderr.write('Skipped: embedded clusters cannot run on this machine, see `doctor`.\n');

const cluster = 'blackstart-rehearsal';
const onCluster = ['--backend', 'embedded', '--cluster', cluster];

const runJudged = async (context: TestContext, ...args: readonly string[]): Promise<FinishedRun> =>
  await untilJudged(context, async () => await runExperiment(...args));

describe.runIf(canRun)('on an embedded cluster', () => {
  afterAll(async () => {
    await blackstart('cluster', 'down', '--backend', 'embedded', '--name', cluster);
  });

  test('dns-cache-expiry passes on a new cluster and leaves nothing behind', async (context) => {
    const run = await runJudged(context, 'dns-cache-expiry', '--backend', 'embedded');
    expect([run.exitCode, run.result.verdict], summary(run)).toEqual([0, 'pass']);
    expect(run.result).toMatchObject({ backend: 'embedded', clean: true, leftovers: [] });
    expect(run.result.faults.every(({ confirmation }) => confirmation === 'confirmed')).toBe(true);
  });

  test('a cluster of its own is made, listed and has a kubeconfig', async () => {
    const up = await blackstart('cluster', 'up', '--backend', 'embedded', '--name', cluster);
    expect(up.exitCode, up.output).toBe(0);
    expect((await blackstart('cluster', 'list', '--backend', 'embedded')).output).toContain(cluster);
    const { output } = await blackstart('cluster', 'kubeconfig', '--backend', 'embedded', '--name', cluster);
    expect(output).toContain('client-certificate-data');
  });

  test('a container-kill of the API server is confirmed and the data plane holds', async (context) => {
    const run = await runJudged(context, 'apiserver-kill', ...onCluster);
    expect([run.exitCode, run.result.verdict], summary(run)).toEqual([0, 'pass']);
  });

  test('a pod-kill of the mirror pod is unconfirmed', async () => {
    const run = await runExperiment('apiserver-kill', ...onCluster, '--set', 'action=pod-kill');
    expect([run.exitCode, run.result.reasonCode], summary(run)).toEqual([2, 'unconfirmed-fault']);
  });
});
