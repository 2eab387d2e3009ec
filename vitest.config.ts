import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    reporters: ['default', './scripts/summary-reporter.ts'],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['harness/**/*.test.ts'],
          exclude: ['harness/**/*.embedded.test.ts', 'harness/test/kind/**', 'harness/test/rehearsal/**'],
        },
      },
      {
        test: { name: 'embedded', include: ['harness/**/*.embedded.test.ts'], testTimeout: 20_000 },
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
