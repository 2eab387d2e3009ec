import type { RungEvent } from '../core/rung-events.ts';
import { formatTime } from '../verdict/format.ts';

/** What is told of a rung while it is tried; undefined for what only the judge needs. */
export function rungLine(event: RungEvent): string | undefined {
  switch (event.type) {
    case 'rung-started':
      return `attempt ${event.attempt}`;
    case 'rung-load':
      return event.applied ? `attempt ${event.attempt}: the load is there` : undefined;
    case 'rung-control':
      return `attempt ${event.attempt}: ${event.lane} has no success, the normal path is down`;
    case 'rung-act':
      return `${event.act}: ${event.ok ? 'done' : 'failed'} after ${formatTime(event.durationMs)}${said(event.message)}`;
    case 'rung-call': {
      const answer = event.status === null ? 'no answer' : `status ${event.status}`;
      return `${event.call} through ${event.through}: ${answer} after ${formatTime(event.durationMs)}${said(event.message)}`;
    }
    case 'rung-quiet':
      return `agents running on the nodes: ${event.running.length === 0 ? 'none' : event.running.join(', ')}`;
    case 'rung-ended':
      return `attempt ${event.attempt}: ${event.outcome}${said(event.message)}`;
  }
}

function said(message: string): string {
  return message === '' ? '' : ` (${message})`;
}
