import type { ScaleSweepSpec } from '../../experiment/study.ts';
import { fitLine, type LineFit } from '../fit/line.ts';
import { fitPowerLaw, type PowerLaw } from '../fit/power-law.ts';
import type { Load } from '../load-schema.ts';

/** A value and the ends of its 95 % interval. */
export interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** How the load of a change grows with the cluster, and what there is to carry it. */
export interface Model {
  /** CPU seconds per LIST against objects. */
  readonly cost: LineFit;
  /** CPU seconds per second against nodes. */
  readonly load: PowerLaw;
  /** CPU seconds per second that LISTs can get. */
  readonly budgetCpuPerS: number;
  /** Demand at this size as a multiple of the budget. */
  use(this: void, nodes: number): Interval;
  /** Where the demand reaches the budget, in nodes. */
  readonly tipping: Interval;
}

type Shape = Pick<ScaleSweepSpec, 'podsPerNode' | 'intervalS'>;

/**
 * From runs of one agent per node, and one with so many agents that the API server gave all that it could. What it could
 * give is counted in LISTs and turned into CPU by the fit: refusing others costs CPU too, but serves nobody. Undefined
 * where too few runs have a cost, or where the cost does not grow.
 */
export function buildModel(shape: Shape, loads: readonly Load[], saturated: Load): Model | undefined {
  const costs = loads.flatMap(({ objects, cpuPerListS }) =>
    cpuPerListS === null ? [] : [{ x: objects, y: cpuPerListS }],
  );
  const cost = fitLine(costs);
  const load = fitPowerLaw(
    loads.map(({ nodes, askedPerS, cpuPerListS }) => ({ x: nodes, y: askedPerS * (cpuPerListS ?? 0) })),
  );
  if (!cost || !load || cost.slope.value <= 0) return undefined;
  const budgetCpuPerS = saturated.answeredPerS * cost.at(saturated.objects).value;
  if (!(budgetCpuPerS > 0)) return undefined;
  const use = (nodes: number): Interval => {
    const { value, plusMinus } = cost.at(nodes * shape.podsPerNode);
    const timesCost = nodes / shape.intervalS / budgetCpuPerS;
    return {
      value: timesCost * value,
      low: Math.max(0, timesCost * (value - plusMinus)),
      high: timesCost * (value + plusMinus),
    };
  };
  const tipping = {
    value: crossing((nodes) => use(nodes).value),
    // Where the cost may be higher, the size may be smaller.
    low: crossing((nodes) => use(nodes).high),
    high: crossing((nodes) => use(nodes).low),
  };
  return { cost, load, budgetCpuPerS, use, tipping };
}

/** Beyond this nobody runs a cluster, and a lower end of an interval may never come to 1. */
const mostNodes = 1_000_000;

/** The smallest number of nodes at which the use is 1, by halving; the use grows with the nodes there. */
function crossing(use: (nodes: number) => number): number {
  let [low, high] = [0, 1];
  while (use(high) < 1) {
    if (high >= mostNodes) return mostNodes;
    low = high;
    high *= 2;
  }
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (use(middle) < 1) low = middle;
    else high = middle;
  }
  return high;
}
