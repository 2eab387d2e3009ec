import { beforeAll, describe, expect, test } from 'vitest';
import { scaled } from '../core/duration.ts';
import { BlackstartError } from '../core/errors.ts';
import * as builders from '../experiment/builders.ts';
import type { Experiment } from '../experiment/define.ts';
import { experimentsFolder, planInputs } from '../test/plan-inputs.ts';
import { sound } from '../test/sound-definition.ts';
import { loadExperiment } from '../experiment/load.ts';
import { buildPlan, type PlanInputs } from './build.ts';
import type { PlannedInject } from './plan.ts';

let expiry: Experiment;
let kill: Experiment;

beforeAll(async () => {
  expiry = await loadExperiment(experimentsFolder, 'dns-cache-expiry');
  kill = await loadExperiment(experimentsFolder, 'apiserver-kill');
});

function faults(inputs: PlanInputs): PlannedInject[] {
  return buildPlan(inputs).method.filter((step) => step.kind === 'inject');
}

function errorOf(inputs: PlanInputs): BlackstartError {
  try {
    buildPlan(inputs);
  } catch (error) {
    if (error instanceof BlackstartError) return error;
  }
  throw new Error('it was planned');
}

describe('lanes', () => {
  test('come with the two that every run has', () => {
    const { lanes } = buildPlan(planInputs('dns-cache-expiry', expiry));
    expect(lanes.map(({ name, role, rateHz, deadlineMs }) => [name, role, rateHz, deadlineMs])).toEqual([
      ['direct', 'reference', 50, 2_000],
      ['control', 'control', 50, 2_000],
      ['subject', 'subject', 50, 2_000],
      ['api', 'reference', 20, 2_000],
      ['loopback', 'reference', 10, 2_000],
    ]);
  });

  test('that ask the API server take the place of the one that every run has', () => {
    const { lanes } = buildPlan(planInputs('apiserver-kill', kill));
    expect(lanes.map(({ name, probe, rateHz }) => [name, probe.kind, rateHz])).toEqual([
      ['control', 'api-server', 20],
      ['subject', 'core-dns', 50],
      ['loopback', 'loopback', 10],
    ]);
  });

  test('that are caches hold for wall time and have ports of their own', () => {
    const { lanes } = buildPlan(planInputs('dns-cache-expiry', expiry));
    expect(lanes[1]?.probe).toEqual({
      kind: 'node-dns-cache',
      holdMs: 20_000,
      holdIncidentMs: 1_200_000,
      serveStale: 'off',
      forward: 'tcp',
      upstream: 'ready',
      dnsPort: 9510,
      metricsPort: 9520,
    });
    expect(lanes[2]?.probe).toMatchObject({ serveStale: 'verify', dnsPort: 9511, metricsPort: 9521 });
  });
});

describe('times', () => {
  test('the steady state is the longest hold and what comes beyond it', () => {
    expect(buildPlan(planInputs('dns-cache-expiry', expiry)).steadyState).toEqual({ healthyForMs: 23_000 });
    expect(buildPlan(planInputs('apiserver-kill', kill)).steadyState.healthyForMs).toBe(5_000);
  });

  test('only incident time is divided by the time scale', () => {
    const plan = buildPlan({ ...planInputs('dns-cache-expiry', expiry), timeScale: 120 });
    expect(plan.method.at(-1)).toEqual({ kind: 'observe', forMs: 20_000, forIncidentMs: 2_400_000 });
    expect(plan.steadyState.healthyForMs).toBe(13_000);
    expect(plan.recovery).toEqual({ lanes: ['direct', 'control'], atMostMs: 120_000, healthyForMs: 10_000 });
    expect(plan.expectations[0]).toMatchObject({ holdMs: 10_000, withinMs: 500 });
  });
});

describe('sabotage', () => {
  test('turns the named faults into no-ops, or all of them', () => {
    expect(sabotaged([])).toEqual([]);
    expect(sabotaged(['coredns-restart'])).toEqual(['coredns-restart']);
    expect(sabotaged('all')).toHaveLength(4);
  });

  test('of a fault that is not in the method is a usage error that names those that are', () => {
    const error = errorOf({ ...planInputs('dns-cache-expiry', expiry), sabotage: ['coredns-restrat', 'zzzz'] });
    expect(error.code).toBe('usage');
    expect(error.message.split('\n')).toEqual([
      "there is no fault 'coredns-restrat' to sabotage; did you mean 'coredns-restart'?",
      "there is no fault 'zzzz' to sabotage",
    ]);
    expect(error.hint).toContain('coredns-pod-kill, apiserver-container-kill, apiserver-down, coredns-restart');
  });
});

describe('a plan', () => {
  test('is frozen all through, and its inputs are not', () => {
    const plan = buildPlan(planInputs('dns-cache-expiry', expiry));
    const [first] = plan.method;
    expect(Object.isFrozen(plan)).toBe(true);
    expect(first?.kind === 'inject' && Object.isFrozen(first.description.confirmedBy)).toBe(true);
    expect(Object.isFrozen(builders.pods.coreDns.labels)).toBe(false);
  });

  test('is the same for the same inputs', () => {
    const inputs = planInputs('dns-cache-expiry', expiry, 'cause=down');
    expect(buildPlan(inputs)).toEqual(buildPlan(inputs));
  });

  test('holds every declared parameter as text', () => {
    expect(buildPlan(planInputs('apiserver-kill', kill, 'action=hang')).parameters).toEqual({
      action: 'hang',
      file: 'none',
    });
  });

  test('has two workers with CoreDNS on them unless the experiment says otherwise', () => {
    const experiment: Experiment = {
      title: 't',
      hypothesis: 'h',
      parameters: {},
      define: () => ({ ...sound, cluster: {} }),
    };
    expect(buildPlan(planInputs('mine', experiment)).cluster).toEqual({
      workers: 2,
      coreDns: 'workers',
      telemetry: null,
    });
    expect(buildPlan(planInputs('dns-cache-expiry', expiry, 'cause=colocated')).cluster.coreDns).toBe('control-plane');
  });
});

describe('refused', () => {
  test('is an experiment that does not hold up, with all its problems', () => {
    const error = errorOf({ ...planInputs('dns-cache-expiry', expiry), timeScale: 600 });
    expect(error.code).toBe('invalid-experiment');
    expect(error.message).toContain('lanes.control.hold: hold 20m at time scale 600 is 2 s; at least 5 s');
    expect(error.message).toContain('lanes.subject.hold: ');
  });

  test('is a definition that throws', () => {
    const experiment: Experiment = {
      title: 't',
      hypothesis: 'h',
      parameters: {},
      define: () => {
        throw new TypeError('oops');
      },
    };
    expect(errorOf(planInputs('mine', experiment))).toMatchObject({
      code: 'invalid-experiment',
      message: "experiment 'mine': define: oops",
    });
  });

  test.each([
    { timeScale: 0 },
    { timeScale: -1 },
    { timeScale: Number.NaN },
    { timeScale: Infinity },
    { seed: -1 },
    { seed: 1.5 },
    { seed: 2 ** 32 },
  ])('is %j', (change) => {
    expect(errorOf({ ...planInputs('dns-cache-expiry', expiry), ...change }).code).toBe('usage');
  });
});

describe('the variants of dns-cache-expiry', () => {
  test('restart CoreDNS at a chosen age of the entries', () => {
    const kills = [
      ['coredns-pod-kill', null],
      ['apiserver-container-kill', null],
    ];
    const fresh = [
      ...kills,
      ['apiserver-down', control('expiry', -4_000)],
      ['coredns-restart', control('refresh', 300)],
    ];
    expect(method()).toEqual(fresh);
    expect(method('restartAt=expiring')).toEqual([
      ...kills,
      ['apiserver-down', control('expiry', -7_000)],
      ['coredns-restart', control('expiry', -2_000)],
    ]);
    expect(method('restartAt=twice')).toEqual([...fresh, ['coredns-restart-again', control('expiry', 2_000)]]);
  });

  test('leave CoreDNS alone, or pause its node', () => {
    expect(method('cause=down').map(([name]) => name)).toEqual([
      'coredns-pod-kill',
      'apiserver-container-kill',
      'apiserver-down',
    ]);
    expect(method('cause=colocated')).toEqual([['node-pause', null]]);
  });

  test('expect SERVFAIL where somebody is left to say it', () => {
    expect(direct()).toMatchObject({ before: 'control', outcome: 'resolve:SERVFAIL' });
    expect(direct('cause=colocated')).toMatchObject({ before: 'control', outcome: null });
  });

  test('can be planned in every combination', () => {
    for (const cause of ['restart', 'down', 'colocated']) {
      for (const restartAt of ['fresh', 'expiring', 'twice']) {
        for (const stale of ['verify', 'immediate', 'off']) {
          const settings = [`cause=${cause}`, `restartAt=${restartAt}`, `lanes.subject.serveStale=${stale}`];
          expect(faults(planInputs('dns-cache-expiry', expiry, ...settings)).length).toBeGreaterThan(0);
        }
      }
    }
  });
});

test('apiserver-kill takes a PodChaos of the user instead of an action', () => {
  const file = {
    path: 'mine.yaml',
    document: {
      apiVersion: 'chaos-mesh.org/v1alpha1',
      kind: 'PodChaos',
      spec: { action: 'pod-kill', mode: 'one', selector: { labelSelectors: { app: 'kube-apiserver' } } },
    },
  };
  const inputs = planInputs('apiserver-kill', kill);
  const [fault] = faults({ ...inputs, settings: { ...inputs.settings, file } });
  expect(fault?.fault).toEqual({ kind: 'pod-chaos-file', file });
  expect(buildPlan({ ...inputs, settings: { ...inputs.settings, file } }).parameters['file']).toBe('mine.yaml');
});

test('an observe step of fractional incident time keeps its exact length', () => {
  const experiment: Experiment = {
    title: 't',
    hypothesis: 'h',
    parameters: {},
    define: () => ({ ...sound, method: [...sound.method, builders.observe(scaled('1s'))] }),
  };
  expect(buildPlan(planInputs('mine', experiment)).method.at(-1)).toMatchObject({ forIncidentMs: 1_000 });
});

function sabotaged(sabotage: readonly string[] | 'all'): string[] {
  const planned = faults({ ...planInputs('dns-cache-expiry', expiry), sabotage });
  return planned.flatMap((fault) => (fault.sabotaged ? [fault.name] : []));
}

/** The faults of dns-cache-expiry with these settings, and what each waits for. */
function method(...settings: string[]): [string, PlannedInject['when']][] {
  return faults(planInputs('dns-cache-expiry', expiry, ...settings)).map(({ name, when }) => [name, when]);
}

function control(from: 'refresh' | 'expiry', offsetMs: number): PlannedInject['when'] {
  return { lane: 'control', from, offsetMs };
}

/** What dns-cache-expiry with these settings expects of its direct lane. */
function direct(...settings: string[]): unknown {
  const { expectations } = buildPlan(planInputs('dns-cache-expiry', expiry, ...settings));
  return expectations.find(({ lane }) => lane === 'direct');
}
