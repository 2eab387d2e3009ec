/** 97.5 % quantiles of Student's t, by degrees of freedom from 1: what 95 % intervals are made of. */
const quantiles = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131,
] as const;

/** Half a 95 % interval in standard errors; beyond the table the normal distribution's, a little too small. */
export function standardErrors95(degreesOfFreedom: number): number {
  return quantiles[degreesOfFreedom - 1] ?? 1.96 + 2.5 / degreesOfFreedom;
}
