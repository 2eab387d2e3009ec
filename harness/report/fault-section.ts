import type { Result } from '../verdict/result.ts';
import { formatCount } from '../verdict/format.ts';
import { clock } from './clock.ts';
import { wrap } from './table.ts';

/** Every fault with its targets and the evidence for each. */
export function faultLines({ faults }: Result): string[] {
  return faults.flatMap((fault) => {
    if (fault.startedMs === null) return wrap(`${fault.name} (${fault.kind}): never injected`);
    const kills = fault.kills === null ? '' : `, ${formatCount(fault.kills, 'kill')}`;
    return [
      ...wrap(`${clock(fault.startedMs)} ${fault.name} (${fault.kind}): ${fault.confirmation}${kills}`),
      ...fault.targets.flatMap((target) => [
        ...wrap(`${target.name}: ${target.confirmation}`, '    '),
        ...target.evidence.flatMap((text) => wrap(text, '      - ', '        ')),
      ]),
    ];
  });
}
