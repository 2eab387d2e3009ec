import { describe, expect, it } from 'vitest';
import { seededRandom, type Random } from '../../core/random.ts';
import { scaleSweep, type StudyRunSpec } from '../../experiment/study.ts';
import type { Load } from '../load-schema.ts';
import type { StudyRun } from '../study-result.ts';
import { judgeSweep } from './judge.ts';
import { nextRun, possibleRuns } from './steps.ts';

const spec = scaleSweep({
  experiment: 'api-load',
  set: ['mode=full-list-quorum'],
  podsPerNode: 20,
  intervalS: 10,
  start: 30,
  saturation: 1_500,
  most: 500,
  to: 5_000,
  tolerance: 0.25,
});

/** An API server whose LISTs cost a fixed part and one for each object. */
interface World {
  readonly fixedS: number;
  readonly perObjectS: number;
  /** CPU seconds per second that it can give. */
  readonly budget: number;
  /** Share by which a measured cost is off. */
  readonly noise: number;
}

const plain: World = { fixedS: 0.002, perObjectS: 20e-6, budget: 1, noise: 0 };
/** Where n / 10 × (0.002 + 20 × 20e-6 × n) is 1. */
const plainTipping = 155.6;

function loadIn(world: World, nodes: number, agents: number, random: Random): Load {
  const costS = world.fixedS + world.perObjectS * nodes * 20;
  const askedPerS = agents / 10;
  const most = world.budget / costS;
  const answeredPerS = Math.min(askedPerS, most);
  return {
    nodes,
    objects: nodes * 20,
    agents,
    askedPerS,
    windowS: 25,
    sent: askedPerS * 25,
    answeredPerS,
    refused: 0,
    unanswered: 1 - answeredPerS / askedPerS,
    listS: costS,
    cpuPerS: answeredPerS * costS + 0.05,
    idleCpuPerS: 0.05,
    cpuPerListS: costS * (1 + world.noise * (2 * random.next() - 1)),
    getP99Ms: 10,
    getFailures: 0,
    gets: 125,
    unreachable: 0,
  };
}

type Change = (run: StudyRun, index: number) => StudyRun;

function runIn(world: World, { name, experiment, set }: StudyRunSpec, random: Random, index: number): StudyRun {
  const parameters = Object.fromEntries(set.map((text) => text.split('=') as [string, string]));
  const load = loadIn(world, Number(parameters['nodes']), Number(parameters['agents']), random);
  const verdict = { verdict: 'pass', reasonCode: 'pass', reason: 'The hypothesis held.' } as const;
  return { name, folder: `${index}-${name}`, experiment, parameters, ...verdict, clean: true, load };
}

/** All runs of a study in this world. */
function sweep(
  world: World,
  { seed = 1, change = (run) => run, asked = spec }: { seed?: number; change?: Change; asked?: typeof spec } = {},
) {
  const random = seededRandom(seed);
  const done: StudyRun[] = [];
  for (let next = nextRun(asked, done); next; next = nextRun(asked, done)) {
    done.push(change(runIn(world, next, random, done.length), done.length));
    if (done.length > 40) throw new Error('it never ends');
  }
  return { done, finding: judgeSweep(asked, done) };
}

const unusable =
  (why: string): Change =>
  (run) => ({ ...run, verdict: 'inconclusive', reasonCode: 'gap', reason: why });

/** Something else than the CPU breaks on clusters that are larger than this. */
function breaksAbove(nodes: number): Change {
  return (run) => {
    const isLarge = run.load !== null && run.load.nodes > nodes && run.load.agents === run.load.nodes;
    return isLarge ? { ...run, verdict: 'fail', reason: 'Lane subject missed its budget.' } : run;
  };
}

describe('a scale sweep', () => {
  it('finds the tipping size from runs at up to half of it, and measures it', () => {
    const { done, finding } = sweep(plain);
    expect(finding.verdict).toBe('pass');
    expect(finding.findings?.predictedTipping?.value).toBeCloseTo(plainTipping, 0);
    const { kept = 0, broke = 0 } = finding.findings?.measuredTipping ?? {};
    // Where 5 % of the LISTs have no answer, a size is still kept: 2.5 % more nodes.
    expect(kept).toBeLessThan(plainTipping * 1.03);
    expect(broke).toBeGreaterThan(plainTipping);
    expect(broke / kept).toBeLessThan(1.15);
    const sizes = done
      .filter(({ name }) => finding.findings?.fittedRuns.includes(name))
      .map(({ load }) => load?.nodes ?? 0);
    expect(sizes).toHaveLength(4);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(plainTipping / 2);
  });

  it('says what share of the budget is used at the start, and how often it is used at the size asked for', () => {
    const { findings, reason } = sweep(plain).finding;
    // 3 LISTs a second of 14 ms; 500 a second of 2.002 s.
    expect(findings?.shareAtStart).toBeCloseTo(0.042, 3);
    expect(findings?.timesAtTarget?.value).toBeCloseTo(1_001, 0);
    expect(reason).toMatch(
      /^At 30 nodes this change uses 4\.2 % of the API budget; at 5,000 nodes 1000 times of it \(1000 to 1000\)\./,
    );
  });

  it.each([1, 2, 3, 4, 5])('holds with costs that are off by up to 10 %%, seed %d', (seed) => {
    const { finding } = sweep({ ...plain, noise: 0.1 }, { seed });
    expect(finding.verdict).toBe('pass');
    const { low = 0, high = 0, value = 0 } = finding.findings?.predictedTipping ?? {};
    expect(low).toBeLessThan(value);
    expect(high).toBeGreaterThan(value);
  });

  it('takes a capacity of two cores for what it is', () => {
    const { finding } = sweep({ ...plain, budget: 2 });
    expect(finding.findings?.budgetCpuPerS).toBeCloseTo(2, 3);
    expect(finding.verdict).toBe('pass');
  });

  it('fails where small sizes do not tell what a large one does', () => {
    // Something else breaks long before the CPU is used up.
    const change = breaksAbove(80);
    const { finding } = sweep(plain, { change });
    expect([finding.verdict, finding.reasonCode]).toEqual(['fail', 'prediction']);
    expect(finding.findings?.measuredTipping?.brokeBy).toContain('Lane subject missed its budget');
    expect(finding.reason).toContain('at most 25 %');
  });

  it('fits smaller sizes as well when something breaks earlier than the first guess', () => {
    const change = breaksAbove(90);
    const { done, finding } = sweep(plain, { change });
    const fitted = done.filter(({ name }) => finding.findings?.fittedRuns.includes(name));
    expect(fitted.length).toBeGreaterThanOrEqual(3);
    expect(Math.max(...fitted.map(({ load }) => load?.nodes ?? 0))).toBeLessThanOrEqual((90 * 1.1) / 2);
  });

  it('predicts nothing when the smallest size is too near to the tipping size', () => {
    const { finding } = sweep(plain, { asked: { ...spec, start: 70 } });
    expect([finding.verdict, finding.reasonCode]).toEqual(['inconclusive', 'too-few-runs']);
  });

  it('ends at once when already the smallest size is too large', () => {
    const { done, finding } = sweep(plain, { asked: { ...spec, start: 200 } });
    expect(done).toHaveLength(1);
    expect([finding.verdict, finding.reasonCode]).toEqual(['inconclusive', 'too-few-runs']);
    expect(finding.reason).toContain('Already at 200 nodes the API server broke: 12.2 of 20.0 LISTs');
  });

  it('is not checked where nothing may be made that large, and says what it would predict', () => {
    const { done, finding } = sweep(plain, { asked: { ...spec, most: 120 } });
    expect([finding.verdict, finding.reasonCode]).toEqual(['inconclusive', 'not-measured']);
    expect(finding.reason).toContain('up to 120 nodes nothing broke. At 30 nodes');
    expect(Math.max(...done.map(({ load }) => load?.nodes ?? 0))).toBe(120);
  });

  it('asks more and more agents until the API server is short of something, and knows no budget otherwise', () => {
    const strong = { ...plain, budget: 1_000 };
    const { done, finding } = sweep(strong);
    expect(done.map(({ load }) => load?.agents)).toEqual([30, 1_500, 4_500, 5_000]);
    expect([finding.verdict, finding.reasonCode]).toEqual(['inconclusive', 'not-measured']);
  });

  it('makes a run that could not be judged once more, and gives up then', () => {
    const once = sweep(plain, { change: (run, index) => (index === 3 ? unusable('starved')(run, index) : run) });
    expect(once.finding.verdict).toBe('pass');
    expect(once.done[4]?.parameters).toEqual(once.done[3]?.parameters);
    expect(once.done[4]?.name).not.toBe(once.done[3]?.name);
    const always = sweep(plain, {
      change: (run, index) => (index >= 3 ? unusable(`The prober lagged by ${index + 1} s.`)(run, index) : run),
    });
    expect(always.done).toHaveLength(5);
    expect([always.finding.verdict, always.finding.reasonCode]).toEqual(['inconclusive', 'run-inconclusive']);
    const [first, again] = always.done.slice(-2).map(({ name }) => name);
    expect(always.finding.reason).toBe(
      `2 of 5 runs could not be judged. ${first}: The prober lagged by 4 s. ${again}: The prober lagged by 5 s.`,
    );
  });

  it('tells of a run that passed without a load why it could not be used', () => {
    const { finding } = sweep(plain, { change: (run) => ({ ...run, load: null }) });
    expect(finding.reason).toContain('nodes-30: the load of its agents is not known. nodes-30-again-1: ');
  });

  it('has no cost where the API server could not be asked', () => {
    const { finding } = sweep(plain, {
      change: (run) => ({ ...run, load: run.load && { ...run.load, cpuPerListS: null } }),
    });
    expect([finding.verdict, finding.reasonCode]).toEqual(['inconclusive', 'too-few-runs']);
  });

  it('plans the largest size it may come to, with the settings of every run', () => {
    expect(possibleRuns(spec).map(({ name }) => name)).toEqual(['nodes-30', 'nodes-30-agents-1500', 'nodes-500']);
    expect(possibleRuns(spec)[2]?.set).toEqual([
      'nodes=500',
      'agents=500',
      'podsPerNode=20',
      'interval=10s',
      'mode=full-list-quorum',
    ]);
  });
});
