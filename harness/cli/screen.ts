import type { RunEvent } from '../core/events.ts';
import { createLiveState, reduce, view } from '../report/live.ts';
import { plainLine } from '../report/plain.ts';
import { printError } from './terminal.ts';

const redrawMs = 200;
const clearToEnd = '\u001b[J';
/** Begin and end of a synchronized update: the terminal shows the frame as a whole. */
const [beginUpdate, endUpdate] = ['\u001b[?2026h', '\u001b[?2026l'];

/** What a person sees while a run goes on. */
export interface Screen {
  show(this: void, event: RunEvent): void;
  say(text: string): void;
  close(): void;
}

/** A live frame below a log of lines on a terminal, lines alone elsewhere. Progress goes to stderr. */
export function openScreen(folder: string): Screen {
  const stream = process.stderr;
  const isLive = stream.isTTY && process.env['CI'] === undefined && process.env['TERM'] !== 'dumb';
  printError(`Run folder: ${folder}\n`);
  return isLive ? liveScreen(stream) : plainScreen();
}

function plainScreen(): Screen {
  const line = plainLine();
  return {
    show: (event) => {
      const text = line(event);
      if (text !== undefined) printLine(text);
    },
    say: printLine,
    close: () => undefined,
  };
}

function printLine(text: string): void {
  printError(`${text}\n`);
}

function liveScreen(stream: NodeJS.WriteStream): Screen {
  let state = createLiveState();
  let drawn = 0;
  let startMs = performance.now();
  const line = plainLine({ withSuccess: false });
  const frame = (): string => {
    const lines = view(state, performance.now() - startMs, stream.columns);
    drawn = lines.length;
    return lines.map((text) => `${text}\n`).join('');
  };
  const draw = (above = ''): void => {
    const back = drawn > 0 ? `\u001b[${drawn}A` : '';
    stream.write(`${beginUpdate}${back}\r${clearToEnd}${above}${frame()}${endUpdate}`);
  };
  const timer = setInterval(() => draw(), redrawMs);
  return {
    show: (event) => {
      if (event.type === 'run-started') startMs = performance.now();
      state = reduce(state, event);
      const text = line(event);
      if (text !== undefined) draw(`${text}\n`);
    },
    say: (text) => draw(`${text}\n`),
    close: () => {
      clearInterval(timer);
      draw();
    },
  };
}
