import { fitLine, type Estimate, type Point } from './line.ts';

/** y = factor · x^exponent. */
export interface PowerLaw {
  readonly factor: number;
  readonly exponent: Estimate;
}

/** Least squares of the logarithms. Undefined where fewer than three points have a logarithm, or all at one x. */
export function fitPowerLaw(points: readonly Point[]): PowerLaw | undefined {
  const logarithms = points
    .filter(({ x, y }) => x > 0 && y > 0)
    .map(({ x, y }) => ({ x: Math.log(x), y: Math.log(y) }));
  const line = fitLine(logarithms);
  return line && { factor: Math.exp(line.intercept.value), exponent: line.slope };
}
