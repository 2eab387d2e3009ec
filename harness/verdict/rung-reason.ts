import { formatTime } from './format.ts';
import type { Missing } from './missing-evidence.ts';
import type { RungResult } from './result.ts';

/** Every promise that was broken while the normal path was down; empty when there is none. */
export function brokenRungsText(rungs: readonly RungResult[]): string {
  return rungs
    .filter(({ verdict }) => verdict === 'fail')
    .map(({ rung, level, promises }) => {
      const broken = promises
        .filter(({ outcome }) => outcome === 'broken')
        .map(({ promise, measuredMs, limitMs, text }) => {
          const measured = measuredMs === null ? 'never' : `after ${formatTime(measuredMs)}`;
          return `${promise} ${measured} (within ${formatTime(limitMs)}; ${text.replace(/\.$/, '')})`;
        });
      return `Rung ${rung} (${level}) does not keep what the procedure promises: ${broken.join(', ')}.`;
    })
    .join(' ');
}

/** What keeps the ladder from being proven; the first one that was not tried explains all after it. */
export function unprovenRungs(rungs: readonly RungResult[]): readonly Missing[] {
  return rungs.filter((rung) => rung.verdict === 'inconclusive' && !isExcused(rung)).map(missingOf);
}

/** The procedure says that not every backend can do it. */
function isExcused({ outcome, optional }: RungResult): boolean {
  return outcome === 'cannot' && optional;
}

function missingOf({ rung, level, outcome, control, promises, message }: RungResult): Missing {
  const which = `Rung ${rung} (${level})`;
  if (outcome === 'not-locked-out' || control.outcome === 'open') {
    const why = control.outcome === 'open' ? control.text : message;
    return { code: 'normal-path-open', text: `${which} proves nothing, the normal path was not down: ${why}.` };
  }
  if (outcome === 'cannot') return { code: 'rung-not-tried', text: `${which} cannot be done here: ${message}.` };
  if (outcome === 'trouble') {
    return { code: 'rung-not-tried', text: `${which} could not be carried out by the harness: ${message}.` };
  }
  if (outcome !== 'tried') return { code: 'rung-not-tried', text: `${which} was not tried: ${message}.` };
  if (control.outcome === 'unknown') {
    return { code: 'gap', text: `${which}: not known whether the normal path was down (${control.text}).` };
  }
  if (promises.length === 0)
    return { code: 'rung-not-tried', text: `${which} promises nothing, so nothing is proven.` };
  const unknown = promises.filter((one) => one.outcome === 'unknown').map((one) => `${one.promise} (${one.text})`);
  return { code: 'gap', text: `${which}: not known whether it keeps ${unknown.join(', ')}.` };
}
