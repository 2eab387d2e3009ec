import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { judgeSafely } from '../verdict/judge.ts';
import { add, drop, inTurn, judged } from '../verdict/testing/edits.ts';
import { buildRun, type Difference } from '../verdict/testing/log-builder.ts';
import { situations } from '../verdict/testing/situations.ts';
import { reportText } from './text.ts';

function report(difference: Difference = {}, options: { readonly color?: boolean } = {}): string {
  const { plan, events } = buildRun(difference);
  return reportText(judgeSafely(plan, events), plan, options);
}

const failing = situations.find((situation) => situation.name === 'the subject fails as the control lane does');

describe('report', () => {
  // Re-baseline on purpose only: npm run golden
  it.each([
    ['pass', {}],
    ['fail', failing],
    ['nothing', { events: drop((event) => !['run-started', 'run-ended'].includes(event.type)) }],
  ] as const)('of a run reads as it always did: %s', async (name, difference) => {
    await expect(report(difference)).toMatchFileSnapshot(`golden/${name}.txt`);
  });

  it.each(situations)('ends with verdict and reason, on a page of 100 columns, when $name', (situation) => {
    const lines = report(situation).trimEnd().split('\n');
    expect(lines.at(-2)).toMatch(
      new RegExp(`^${situation.verdict.toUpperCase()} \\(${situation.reasonCode}, exit ${situation.exitCode},`),
    );
    expect(lines.at(-1)).toMatch(situation.says);
    // The reason stays one line; everything above fits.
    expect(lines.slice(0, -1).filter((line) => line.length > 100)).toEqual([]);
  });

  it('colors only words of judgement, and only when asked to', () => {
    expect(report()).not.toContain('\u001b');
    const colored = report({}, { color: true });
    expect(colored).toContain('\u001b[1;32mPASS\u001b[0m');
    expect(stripVTControlCharacters(colored)).toBe(report());
  });

  it('calls what an embedded cluster showed a rehearsal', () => {
    const { plan, events } = buildRun();
    const result = { ...judgeSafely(plan, events), backend: 'embedded' };
    expect(reportText(result, plan)).toContain('A rehearsal on an embedded cluster');
    expect(report()).not.toContain('rehearsal');
  });

  it('lets nothing from the cluster speak to the terminal', () => {
    const evil = 'crictl: \u001b[2Jcontainer\r\nkept\u0007 its\u202E id';
    const text = report({ events: judged('apiserver-down', 'unconfirmed', evil) }, { color: false });
    expect(text).toContain('- crictl: container kept its id');
    expect(text).not.toMatch(/[^\P{C}\n]/u);
  });

  it('prints what is left behind with the commands that remove it, before the verdict', () => {
    const leftovers = [{ what: 'PodChaos blackstart-1', command: 'kubectl delete podchaos blackstart-1' }];
    const text = report({
      events: inTurn(
        drop((event) => event.type === 'undo-verified'),
        add(39_800, { type: 'undo-verified', clean: false, leftovers }),
      ),
    });
    expect(text).toMatch(
      /\n {2}- PodChaos blackstart-1\n {6}kubectl delete podchaos blackstart-1\n\nPASS \(pass, exit 4/,
    );
  });

  it('names the gaps', () => {
    const text = report({
      sample: ({ node, ms }) => (node === 'node-2' && ms >= 23_000 && ms < 26_000 ? 'lost' : undefined),
    });
    expect(text).toMatch(/subject +node-2 +T\+22\.9s +T\+26\.0s +3\.1 s +no-samples/);
  });
});
