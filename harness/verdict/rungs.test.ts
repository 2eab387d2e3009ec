import { describe, expect, it } from 'vitest';
import type { WaySpec } from '../experiment/rung-spec.ts';
import { brokenRungsText, unprovenRungs } from './rung-reason.ts';
import { judged, read, refused, write, type World } from './testing/judged-rung.ts';

const calls: NonNullable<World['events']> = [
  [31, read],
  [31, write],
];
describe('a rung', () => {
  it('passes when it keeps all its promises while the normal path is down', () => {
    const rung = judged({ events: calls });
    expect(rung).toMatchObject({ verdict: 'pass', control: { outcome: 'locked-out', failures: 10 } });
    expect(rung.promises.map(({ outcome, measuredMs }) => [outcome, measuredMs])).toEqual([
      ['kept', 40],
      ['kept', 40],
    ]);
    expect([brokenRungsText([rung]), unprovenRungs([rung])]).toEqual(['', []]);
  });

  it('fails, and is named, when one promise is broken', () => {
    const refusedWrite = { ...write, status: 401, readBack: null, message: 'Unauthorized' } as const;
    const rung = judged({
      events: [
        [31, read],
        [31, refusedWrite],
      ],
    });
    expect(rung.verdict).toBe('fail');
    expect(brokenRungsText([rung])).toBe(
      'Rung super-admin (1000 agents) does not keep what the procedure promises: write never (within 20 s; ' +
        'status 401 through break-glass by its address: Unauthorized).',
    );
  });

  it.each([
    ['a write that nobody reads back', { ...write, readBack: false }],
    ['four calls in a row at most', { ...write, inARow: 4, readBack: null }],
    ['no answer', { ...write, status: null, readBack: null }],
    ['an answer that comes too late', { ...write, startMs: 50_500 }],
  ] as const)('fails for %s', (_, call) => {
    expect(
      judged({
        events: [
          [31, read],
          [52, call],
        ],
      }).verdict,
    ).toBe('fail');
  });

  it('fails when the way itself does not work', () => {
    const rung = judged({ ended: { message: 'the agents came back' } });
    expect(rung.promises.map(({ outcome, text }) => [outcome, text])).toEqual([
      ['broken', 'the agents came back'],
      ['broken', 'the agents came back'],
    ]);
  });

  it('is not judged by trouble of the harness', () => {
    const rung = judged({ ended: { outcome: 'trouble', message: 'docker exec timed out' } });
    expect([rung.verdict, rung.promises[0]?.outcome]).toEqual(['inconclusive', 'unknown']);
    expect(unprovenRungs([rung])[0]?.text).toBe(
      'Rung super-admin (1000 agents) could not be carried out by the harness: docker exec timed out.',
    );
  });

  it('proves nothing when the normal path was open, whatever it did', () => {
    const failing: typeof calls = [[31, read]];
    for (const events of [calls, failing]) {
      const rung = judged({ events, admin: (s) => (s === 14 ? {} : refused) });
      expect([rung.verdict, rung.control.outcome]).toEqual(['inconclusive', 'open']);
      expect(unprovenRungs([rung])).toMatchObject([{ code: 'normal-path-open' }]);
    }
  });

  it('proves nothing when a sample of its control is missing, or there are too few', () => {
    const gap = judged({ events: calls, admin: (s) => (s === 14 ? 'lost' : refused) });
    expect([gap.verdict, gap.control.outcome, unprovenRungs([gap])[0]?.code]).toEqual([
      'inconclusive',
      'unknown',
      'gap',
    ]);
  });

  it('proves nothing when the normal admin failed for another reason than the crowd', () => {
    for (const outcome of ['request:403', 'connect:reset']) {
      const rung = judged({ events: calls, admin: (s) => (s % 3 === 0 ? refused : { outcome, totalMs: 20 }) });
      expect([rung.verdict, rung.control.outcome, rung.control.failures]).toEqual(['inconclusive', 'unknown', 3]);
    }
    const full = judged({ events: calls, admin: () => ({ outcome: 'request:429', totalMs: 20 }) });
    expect(full.control.outcome).toBe('locked-out');
  });

  it('proves nothing from an older log, which tells of one call only', () => {
    const { inARow: _, ...one } = read;
    expect(judged({ promises: ['read'], events: [[31, one]] }).verdict).toBe('inconclusive');
  });

  it('proves nothing when it was not tried', () => {
    for (const [outcome, code] of [
      ['no-load', 'rung-not-tried'],
      ['not-locked-out', 'normal-path-open'],
      ['cannot', 'rung-not-tried'],
    ] as const) {
      const rung = judged({ ended: { outcome, fromMs: null, message: 'so it is' } });
      expect([rung.verdict, unprovenRungs([rung])[0]?.code]).toEqual(['inconclusive', code]);
    }
    expect(judged({ ended: null })).toMatchObject({ outcome: 'not-reached', verdict: 'inconclusive' });
  });

  it('that is optional is excused where the backend cannot do it, and only there', () => {
    const excused = judged({ optional: true, ended: { outcome: 'cannot', fromMs: null, message: 'no iptables' } });
    expect(unprovenRungs([excused])).toEqual([]);
    const untried = judged({ optional: true, ended: { outcome: 'no-load', fromMs: null, message: 'no agent' } });
    expect(unprovenRungs([untried])).toMatchObject([{ code: 'rung-not-tried' }]);
    const tried = judged({ optional: true, events: [[31, read]], ended: { message: 'it broke' } });
    expect(tried.verdict).toBe('fail');
  });

  it('that promises nothing is the control: its calls must fail', () => {
    const way: WaySpec = { way: 'call', credential: 'admin', via: 'address', kubeconfig: null };
    const failed = { ...read, status: null, message: 'no answer within 10 s' };
    expect(judged({ way, promises: [], events: [[41, failed]] }).verdict).toBe('pass');
    expect(judged({ way, promises: [], events: [[31, read]] }).control.outcome).toBe('open');
    const idle = judged({ promises: [], events: [[31, read]] });
    expect([idle.verdict, unprovenRungs([idle])[0]?.text]).toEqual([
      'inconclusive',
      'Rung super-admin (1000 agents) promises nothing, so nothing is proven.',
    ]);
  });
});
