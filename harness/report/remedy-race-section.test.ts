import { expect, it } from 'vitest';
import type { RaceFindings, RemedyMeasures } from '../study/remedy-race/findings.ts';
import type { StudyRun } from '../study/study-result.ts';
import { remedyRaceLines } from './remedy-race-section.ts';

const well: RemedyMeasures = {
  remedy: 'stop-agents',
  seed: 42,
  outcome: 'tried',
  message: '',
  leftOut: [],
  lockedOut: true,
  control: '10 calls failed',
  lagMs: 8,
  watchedMs: 28_000,
  firstMutationMs: 6_200,
  lastingMutationMs: 6_900,
  removedMs: 7_400,
  removal: '',
  dataPlaneBroken: true,
  dataPlaneMs: 18_000,
  wellMs: 18_000,
  herd: { agentsPerS: 12.4, inFlight: 9, relocked: false },
};
const idle = { firstMutationMs: null, lastingMutationMs: null, removedMs: null, dataPlaneMs: null, wellMs: null };
const none = { ...well, ...idle, remedy: 'none', watchedMs: 60_000, herd: { ...well.herd, relocked: null } };
const part = { ...none, remedy: 'openai', lastingMutationMs: 30_000, leftOut: ['block-agents: it needs iptables'] };
const cannot = { ...none, remedy: 'block', outcome: 'cannot', message: 'it needs iptables' } as const;

function run(remedy: RemedyMeasures): StudyRun {
  const said = { verdict: 'pass', reasonCode: 'pass', reason: 'It held.', clean: true, load: null } as const;
  return { name: remedy.remedy, folder: remedy.remedy, experiment: 'remedy', parameters: {}, ...said, remedy };
}

const findings: RaceFindings = {
  kind: 'remedy-race',
  order: [{ seed: 42, remedies: ['stop-agents'] }],
  noEffect: ['none'],
  partly: ['openai'],
  cannot: [{ remedy: 'block', needs: 'it needs iptables' }],
  horizonMs: 60_000,
};

it('has a row and a bar for every remedy that was tried, and says what had no effect or cannot be done', () => {
  const text = remedyRaceLines(findings, [none, cannot, well, part].map(run)).join('\n');
  expect(text).toMatchInlineSnapshot(`
    "
    Remedies: time from the remedy to …
      run          first  lasts  removed    DNS  all well  herd/s  in flight  locked out again
      none         never  never    never  never     never      12          9  –
      stop-agents  6.2 s  6.9 s    7.4 s   18 s      18 s      12          9  no
      openai       never   30 s    never  never     never      12          9  –
      first: the first mutating call of the normal admin that succeeds. lasts, DNS: the first answer in
        5 s without a failure. removed: no agent runs or sends a request any more. herd: most requests
        of the agents in a second, and most in flight in the API server, once the admin is back.
      block cannot be tried here: it needs iptables.
        openai: left out block-agents: it needs iptables

    Until everything is well (A: admin back, R: agents removed, D: DNS back; full width 60 s)
      none                     ████████████████████████████████████████████████████████████ no effect
      stop-agents              ██████AR██████████D                                          18 s
      openai                   ██████████████████████████████A█████████████████████████████ only in part"
  `);
});
