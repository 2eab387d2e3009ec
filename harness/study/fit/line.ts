import { standardErrors95 } from './students-t.ts';

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A value with half of its 95 % interval. */
export interface Estimate {
  readonly value: number;
  readonly plusMinus: number;
}

export interface LineFit {
  readonly intercept: Estimate;
  readonly slope: Estimate;
  /** The line at x: the interval is of the line, not of one more measurement. */
  at(this: void, x: number): Estimate;
}

/**
 * Ordinary least squares; the intervals take every point for as uncertain as the others. Undefined for fewer than three points or for points at one x only: two points give a line too,
 * but nothing says how wrong it is.
 */
export function fitLine(points: readonly Point[]): LineFit | undefined {
  const n = points.length;
  const meanX = mean(points.map(({ x }) => x));
  const meanY = mean(points.map(({ y }) => y));
  const spread = sum(points.map(({ x }) => (x - meanX) ** 2));
  if (n < 3 || !(spread > 0)) return undefined;
  const slope = sum(points.map(({ x, y }) => (x - meanX) * (y - meanY))) / spread;
  const intercept = meanY - slope * meanX;
  const squares = sum(points.map(({ x, y }) => (y - intercept - slope * x) ** 2));
  const deviation = Math.sqrt(squares / (n - 2)) * standardErrors95(n - 2);
  const at = (x: number): Estimate => ({
    value: intercept + slope * x,
    plusMinus: deviation * Math.sqrt(1 / n + (x - meanX) ** 2 / spread),
  });
  return { intercept: at(0), slope: { value: slope, plusMinus: deviation / Math.sqrt(spread) }, at };
}

function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
