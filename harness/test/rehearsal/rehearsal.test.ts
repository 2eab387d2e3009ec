import { afterAll, describe, expect, test, type TestContext } from 'vitest';
import { doctor } from '../../cluster/embedded/doctor.ts';
import { blackstart, runExperiment, type FinishedRun } from '../blackstart.ts';
import { summary, untilJudged } from '../judged-run.ts';

/**
 * Whole experiments on embedded clusters: a miniature of the kind suite, for machines without Docker. Not part of
 * `npm test`: the probers need a core that nothing else uses. All variants: `node scripts/variants.ts`.
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

  test('telemetry-overload passes on a new cluster: locked out, break-glass open, subject unharmed', async (context) => {
    const run = await runJudged(context, 'telemetry-overload', '--backend', 'embedded');
    expect([run.exitCode, run.result.verdict], summary(run)).toEqual([0, 'pass']);
    expect(run.result).toMatchObject({ clean: true, leftovers: [] });
    expect(run.result.expectations.map(({ outcome }) => outcome)).not.toContain('not-met');
  });

  test('a cluster of its own is made, listed and has a kubeconfig', async () => {
    const up = await blackstart('cluster', 'up', '--backend', 'embedded', '--name', cluster);
    expect(up.exitCode, up.output).toBe(0);
    expect((await blackstart('cluster', 'list', '--backend', 'embedded')).output).toContain(cluster);
    const { output } = await blackstart('cluster', 'kubeconfig', '--backend', 'embedded', '--name', cluster);
    expect(output).toContain('client-certificate-data');
  });

  test.for([
    ['container-kill', 0, 'pass'],
    ['hang', 0, 'pass'],
    ['pod-kill', 2, 'unconfirmed-fault'],
  ] as const)('apiserver-kill by %s: exit %i', async ([action, exitCode, reasonCode], context) => {
    const run = await runJudged(context, 'apiserver-kill', ...onCluster, '--set', `action=${action}`);
    expect([run.exitCode, run.result.reasonCode], summary(run)).toEqual([exitCode, reasonCode]);
  });

  test.for([
    [['--set', 'lanes.subject.serveStale=off'], 1, 'budget'],
    [['--set', 'cause=down'], 2, 'control-lane-held'],
    [['--sabotage=apiserver-down'], 2, 'unconfirmed-fault'],
  ] as const)('dns-cache-expiry with %s: exit %i', async ([options, exitCode, reasonCode], context) => {
    const run = await runJudged(context, 'dns-cache-expiry', ...onCluster, ...options);
    expect([run.exitCode, run.result.reasonCode], summary(run)).toEqual([exitCode, reasonCode]);
  });
});
