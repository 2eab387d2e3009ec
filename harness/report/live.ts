import type { Phase, RunEvent } from '../core/events.ts';
import { formatTime } from '../verdict/format.ts';
import { clock } from './clock.ts';
import { printable } from './printable.ts';
import { addSamples, percent, successShare, type SuccessWindow } from './success-window.ts';

/** What the live view knows of a run. */
export interface LiveState {
  readonly title: string;
  readonly phases: readonly LivePhase[];
  readonly faults: readonly LiveFault[];
  readonly nodes: readonly string[];
  readonly success: SuccessWindow;
  /** The rung that is being tried; null for none. */
  readonly rung: LiveFault | null;
}

interface LivePhase {
  readonly phase: Phase;
  readonly startMs: number;
  /** null: going on. */
  readonly endMs: number | null;
  readonly outcome: string;
}

interface LiveFault {
  readonly name: string;
  readonly state: string;
}

export function createLiveState(): LiveState {
  return { title: '', phases: [], faults: [], nodes: [], success: {}, rung: null };
}

/** The state after one more event. */
export function reduce(state: LiveState, event: RunEvent): LiveState {
  switch (event.type) {
    case 'run-started':
      return { ...state, title: `${event.experiment} on ${event.backend}` };
    case 'phase-started': {
      const { phase, monotonicMs: startMs } = event;
      return { ...state, phases: [...state.phases, { phase, startMs, endMs: null, outcome: '' }] };
    }
    case 'phase-ended': {
      const { phase, monotonicMs: endMs, outcome } = event;
      const ended = (one: LivePhase): LivePhase =>
        one.phase === phase && one.endMs === null ? { ...one, endMs, outcome } : one;
      return { ...state, phases: state.phases.map(ended) };
    }
    case 'probing-started':
      return { ...state, nodes: event.nodes };
    case 'samples':
      return { ...state, success: addSamples(state.success, event) };
    case 'fault-started':
      return withFault(state, event.fault, event.sabotaged ? 'sabotaged' : 'injecting');
    case 'fault-injected':
      return withFault(state, event.fault, 'injected, waiting for confirmation');
    case 'fault-confirmed': {
      const bad = event.targets.find((target) => target.confirmation !== 'confirmed');
      return withFault(
        state,
        event.fault,
        event.targets.length === 0 ? 'unconfirmed' : (bad?.confirmation ?? 'confirmed'),
      );
    }
    case 'rung-started':
      return withRung(state, event.attempt, 'the load, then the lock-out');
    case 'rung-control':
      return withRung(state, event.attempt, 'the normal admin is locked out; trying');
    case 'rung-ended':
      return withRung(state, event.attempt, event.outcome);
    case 'rung-load':
    case 'rung-act':
    case 'rung-call':
    case 'rung-quiet':
    case 'part-ended':
    case 'cluster-ready':
    case 'read-failed':
    case 'cache-read':
    case 'agent-report':
    case 'api-metrics':
    case 'machine-load':
    case 'operator-command':
    case 'undo':
    case 'undo-verified':
    case 'interrupted':
    case 'problem':
    case 'note':
    case 'run-ended':
      return state;
  }
}

/** The view as lines, none wider than `width`. `nowMs` counts from the start of the run. */
export function view(state: LiveState, nowMs: number, width: number): string[] {
  const lines = [
    `${state.title}  ${clock(nowMs)}`,
    `  ${state.phases.map((phase) => phaseText(phase, nowMs)).join('  ')}`,
    ...successLines(state, nowMs),
    ...state.faults.map((fault) => `  fault ${fault.name}: ${fault.state}`),
    ...(state.rung === null ? [] : [`  attempt ${state.rung.name}: ${state.rung.state}`]),
  ];
  const most = width > 0 ? width : 80;
  return lines.map((line) => cut(printable(line).trimEnd(), most)).filter((line) => line !== '');
}

function withRung(state: LiveState, name: string, next: string): LiveState {
  return { ...state, rung: { name, state: next } };
}

function withFault(state: LiveState, name: string, next: string): LiveState {
  const others = state.faults.some((fault) => fault.name === name)
    ? state.faults.map((fault) => (fault.name === name ? { name, state: next } : fault))
    : [...state.faults, { name, state: next }];
  return { ...state, faults: others };
}

function phaseText({ phase, startMs, endMs, outcome }: LivePhase, nowMs: number): string {
  const mark = endMs === null ? '›' : outcome === 'ok' ? '✓' : '✗';
  return `${mark} ${phase} ${formatTime(Math.max(0, Math.round(((endMs ?? nowMs) - startMs) / 100) * 100))}`;
}

function successLines({ success, nodes }: LiveState, nowMs: number): string[] {
  const lanes = Object.keys(success);
  if (lanes.length === 0) return [];
  const laneWidth = Math.max(...lanes.map((lane) => lane.length), 'last 5 s'.length);
  const columns = nodes.map((node) => Math.max(node.length, 'no data'.length));
  const row = (first: string, cells: readonly string[]): string =>
    `  ${first.padEnd(laneWidth)}  ${cells.map((cell, index) => cell.padStart(columns[index] ?? 0)).join('  ')}`;
  return [
    row('last 5 s', nodes),
    ...lanes.map((lane) =>
      row(
        lane,
        nodes.map((node) => percent(successShare(success, lane, node, nowMs))),
      ),
    ),
  ];
}

function cut(line: string, width: number): string {
  return line.length <= width ? line : `${line.slice(0, Math.max(0, width - 1))}…`;
}
