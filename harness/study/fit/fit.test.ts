import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../core/random.ts';
import { fitLine, type Point } from './line.ts';
import { fitPowerLaw } from './power-law.ts';

/** Values of a function at these x, each off by up to this share. */
function points(of: (x: number) => number, xs: readonly number[], noise = 0, seed = 1): Point[] {
  const random = seededRandom(seed);
  return xs.map((x) => ({ x, y: of(x) * (1 + noise * (2 * random.next() - 1)) }));
}

const sizes = [25, 50, 75, 100, 150] as const;

describe('a line', () => {
  it('is found again where there is no noise, with certainty', () => {
    const fit = fitLine(points((x) => 3 + 0.5 * x, sizes));
    expect(fit?.slope.value).toBeCloseTo(0.5, 10);
    expect(fit?.intercept.value).toBeCloseTo(3, 10);
    expect(fit?.at(1_000).value).toBeCloseTo(503, 8);
    expect(fit?.at(1_000).plusMinus).toBeCloseTo(0, 6);
  });

  it('agrees with a worked example', () => {
    // x 1..5, y 2 4 5 4 5: slope 0.6 with standard error 0.2828, t of 3 degrees of freedom 3.182.
    const fit = fitLine([2, 4, 5, 4, 5].map((y, index) => ({ x: index + 1, y })));
    expect(fit?.slope.value).toBeCloseTo(0.6, 10);
    expect(fit?.intercept.value).toBeCloseTo(2.2, 10);
    expect(fit?.slope.plusMinus).toBeCloseTo(0.2828 * 3.182, 3);
  });

  it('is the less certain the further it is from the points', () => {
    const fit = fitLine(points((x) => 3 + 0.5 * x, sizes, 0.05));
    const widths = [80, 200, 5_000].map((x) => fit?.at(x).plusMinus ?? 0);
    expect(widths).toEqual(widths.toSorted((a, b) => a - b));
    expect(widths[2]).toBeGreaterThan(20 * (widths[0] ?? 0));
  });

  it('holds the truth in its interval in about 95 of 100 cases', () => {
    const held = Array.from({ length: 400 }, (_, seed) => {
      const random = seededRandom(seed);
      const fit = fitLine(sizes.map((x) => ({ x, y: 3 + 0.5 * x + 4 * (random.next() - 0.5) })));
      return Math.abs((fit?.at(120).value ?? 0) - 63) <= (fit?.at(120).plusMinus ?? 0);
    }).filter(Boolean).length;
    expect(held / 400).toBeGreaterThan(0.9);
    expect(held / 400).toBeLessThan(1);
  });

  it('is not claimed from two points, nor from one size measured three times', () => {
    expect(fitLine(points((x) => x, [1, 2]))).toBeUndefined();
    expect(fitLine(points((x) => x, [2, 2, 2]))).toBeUndefined();
    expect(fitLine([])).toBeUndefined();
  });
});

describe('a power law', () => {
  it.each([1, 1.5, 2, 3])('gives exponent %d back', (exponent) => {
    const fit = fitPowerLaw(points((x) => 0.003 * x ** exponent, sizes));
    expect(fit?.exponent.value).toBeCloseTo(exponent, 10);
    expect(fit?.factor).toBeCloseTo(0.003, 10);
  });

  it('has noise in its interval', () => {
    const fit = fitPowerLaw(points((x) => 0.003 * x ** 2, sizes, 0.1));
    expect(fit?.exponent.plusMinus).toBeGreaterThan(0.01);
    expect(Math.abs((fit?.exponent.value ?? 0) - 2)).toBeLessThan(fit?.exponent.plusMinus ?? 0);
  });

  it('is not claimed where nothing positive was measured often enough', () => {
    const [first = { x: 1, y: 1 }, ...rest] = points((x) => x ** 2, [1, 2, 3]);
    expect(fitPowerLaw([{ ...first, y: 0 }, ...rest])).toBeUndefined();
    expect(fitPowerLaw([{ ...first, y: -1 }, ...rest])).toBeUndefined();
  });
});
