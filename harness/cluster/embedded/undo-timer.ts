import { z } from 'zod';
import type { Leftover } from '../../core/events.ts';
import { askSocket } from './socket.ts';

const timers = z.array(z.string());

/** The name of the timer in the node that undoes a change even when nobody on the host does. */
export function timerName(what: string, target: string): string {
  return `blackstart-${what}-${target.toLowerCase().replaceAll(/[^a-z0-9-]/g, '-')}`;
}

/** The timer, as something left behind, while it is armed. */
export async function armedTimers(
  socket: string,
  timer: string,
  node: string,
  command: string,
): Promise<readonly Leftover[]> {
  const armed = timers.parse(await askSocket(socket, 'GET', '/timers'));
  return armed.includes(timer) ? [{ what: `timer ${timer} on ${node}`, command }] : [];
}
