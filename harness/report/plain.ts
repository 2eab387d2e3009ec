import type { RunEvent } from '../core/events.ts';
import { formatCount, formatTime } from '../verdict/format.ts';
import { clock } from './clock.ts';
import { printable } from './printable.ts';
import { rungLine } from './rung-line.ts';
import { addSamples, percent, successShare, type SuccessWindow } from './success-window.ts';

export interface PlainOptions {
  /** Also a line with the success of every lane every few seconds. Default true. */
  readonly withSuccess?: boolean;
}

const successEveryMs = 5_000;

/** Makes the function that tells a run line by line: one line per noteworthy event, undefined for all others. */
export function plainLine(options: PlainOptions = {}): (event: RunEvent) => string | undefined {
  const { withSuccess = true } = options;
  let window: SuccessWindow = {};
  let nextMs = 0;
  return (event) => {
    if (event.type !== 'samples') {
      const text = sentenceOf(event);
      return text === undefined ? undefined : `${clock(event.monotonicMs)}  ${printable(text)}`;
    }
    if (!withSuccess) return undefined;
    window = addSamples(window, event);
    if (event.monotonicMs < nextMs) return undefined;
    if (nextMs === 0) {
      // The first read has one lane on one node only: wait until all have been read.
      nextMs = event.monotonicMs + successEveryMs;
      return undefined;
    }
    nextMs = event.monotonicMs + successEveryMs;
    return `${clock(event.monotonicMs)}  ${printable(successLine(window, event.monotonicMs))}`;
  };
}

/** The worst node of every lane. */
function successLine(window: SuccessWindow, nowMs: number): string {
  const lanes = Object.entries(window).map(([lane, nodes]) => {
    const shares = Object.keys(nodes).map((node) => successShare(window, lane, node, nowMs));
    const worst = shares.includes(null) ? null : Math.min(...shares.map((share) => share ?? 0));
    return `${lane} ${percent(worst)}`;
  });
  return `success over the last 5 s, worst node: ${lanes.join(', ')}`;
}

function sentenceOf(event: Exclude<RunEvent, { type: 'samples' }>): string | undefined {
  switch (event.type) {
    case 'run-started':
      return `${event.experiment} on ${event.backend}, seed ${event.seed}, time scale ${event.timeScale}`;
    case 'phase-started':
      return `phase ${event.phase}`;
    case 'phase-ended':
      return event.outcome === 'ok'
        ? undefined
        : `phase ${event.phase} ended: ${event.outcome}${because(event.message)}`;
    case 'part-ended':
      return `${event.part}: ${formatTime(event.durationMs)}`;
    case 'cluster-ready':
      return `cluster ${event.name} ${event.created ? 'created' : 'reused'} (${formatCount(event.nodes.length, 'node')})`;
    case 'probing-started':
      return `probing on ${event.nodes.join(', ')}`;
    case 'read-failed':
      return `${event.source} on ${event.node} could not be read: ${event.message}`;
    case 'fault-started':
      return `fault ${event.fault}: ${event.sabotaged ? 'sabotaged, nothing is done' : 'injecting'} on ${event.targets.join(', ') || 'nothing'}`;
    case 'fault-confirmed':
      return `fault ${event.fault}: ${confirmed(event)}`;
    case 'undo':
      return event.outcome === 'ok' ? undefined : `undo failed: ${event.change}${because(event.message)}`;
    case 'undo-verified':
      return event.clean
        ? 'undo verified: nothing left'
        : `undo left ${formatCount(event.leftovers.length, 'thing')} behind`;
    case 'interrupted':
      return `interrupted by ${event.signal}; undoing`;
    case 'problem':
      return `problem (${event.code}): ${event.message}${event.hint === undefined ? '' : ` ${event.hint}`}`;
    case 'note':
      return event.message;
    case 'operator-command':
      return `operator: ${event.command}: ${event.exitCode === null ? 'ended by its time limit' : `exit ${event.exitCode}`} after ${formatTime(event.durationMs)}`;
    case 'rung-started':
    case 'rung-load':
    case 'rung-control':
    case 'rung-act':
    case 'rung-call':
    case 'rung-quiet':
    case 'rung-ended':
      return rungLine(event);
    case 'agent-report':
    case 'api-metrics':
    case 'machine-load':
    case 'fault-injected':
    case 'cache-read':
    case 'run-ended':
      return undefined;
  }
}

function confirmed({ targets, kills }: Extract<RunEvent, { type: 'fault-confirmed' }>): string {
  const byOutcome = Map.groupBy(targets, (target) => target.confirmation);
  const parts = [...byOutcome].map(([outcome, some]) => {
    const why = outcome === 'confirmed' ? '' : ` (${some.flatMap((target) => target.evidence).join('; ')})`;
    return `${outcome} on ${some.map((target) => target.name).join(', ')}${why}`;
  });
  const count = kills === null || kills === 0 ? '' : `, ${formatCount(kills, 'kill')}`;
  return `${parts.length === 0 ? 'unconfirmed, it selected nothing' : parts.join('; ')}${count}`;
}

function because(message: string | undefined): string {
  return message === undefined ? '' : ` (${message})`;
}
