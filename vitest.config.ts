import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // Most tests of real processes wait most of the time; the default leaves a machine of two cores one worker.
    maxWorkers: 2,
    reporters: ['default', './scripts/summary-reporter.ts'],
    projects: [
      {
        test: {
          name: 'unit',
          // Pure functions: nothing of one file can reach another.
          isolate: false,
          testTimeout: 30_000,
          include: ['harness/**/*.test.ts'],
          exclude: ['harness/**/*.{embedded,contract}.test.ts', 'harness/test/kind/**', 'harness/test/rehearsal/**'],
        },
      },
      {
        test: { name: 'embedded', include: ['harness/**/*.embedded.test.ts'], testTimeout: 60_000 },
      },
      {
        test: {
          name: 'contract',
          include: ['harness/**/*.contract.test.ts'],
          globalSetup: ['harness/test/contract/global-setup.ts'],
          // What runs at the same time waits most of the time.
          maxConcurrency: 10,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: { name: 'bench', include: [], benchmark: { include: ['harness/**/*.bench.ts'] } },
      },
      {
        test: {
          name: 'rehearsal',
          include: ['harness/test/rehearsal/**/*.test.ts'],
          testTimeout: 900_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'kind',
          include: ['harness/test/kind/**/*.test.ts'],
          testTimeout: 1_500_000,
          hookTimeout: 600_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
