import { defineStudy, integer, remedyNames, remedyRace, someOf } from '#harness';

export default defineStudy({
  title: 'Which remedy wins?',
  question:
    'The API server drowns, the normal admin is locked out, DNS is broken: what gives the cluster back, and how soon?',
  parameters: {
    remedies: someOf(remedyNames, 'which are tried; none, the control, always is'),
    seeds: integer(
      1,
      'how often the whole list is tried; the first two must be the same each time, and fewer than 3 prove no order',
      {
        min: 1,
        max: 10,
      },
    ),
    agents: integer(1_000, 'how many nodes have an agent', { min: 1, max: 5_000 }),
  },
  define: ({ remedies, seeds, agents }) =>
    remedyRace({ experiment: 'remedy', set: [`agents=${agents}`], remedies, control: 'none', seeds }),
});
