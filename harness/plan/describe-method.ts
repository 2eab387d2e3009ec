import { formatMs } from '../core/duration.ts';
import { bothClocks } from './describe-lane.ts';
import { describeAttempt } from './describe-rung.ts';
import { table, wrap } from './layout.ts';
import type { PlannedInject, PlannedStep } from './plan.ts';

/** The steps, numbered from 1, each fault with its targets, confirmation and undo. */
export function describeMethod(method: readonly PlannedStep[]): string[] {
  return method.flatMap((step, index) => {
    const number = `  ${index + 1}. `;
    if (step.kind === 'observe') {
      const time = bothClocks(step.forIncidentMs, step.forMs);
      return wrap(number, `observe for ${time}, with everything above in effect`, number.length);
    }
    if (step.kind === 'operate') {
      const limit = `ended after ${formatMs(step.timeoutMs)}`;
      return wrap(
        number,
        `operate ${step.name}: kubectl ${step.kubectl.join(' ')}, as ${step.credential}, ${limit}`,
        number.length,
      );
    }
    if (step.kind === 'attempt') {
      const title = `attempt ${step.name}: rung ${step.rung.name}, ${step.level}`;
      return [...wrap(number, title, number.length), ...table(describeAttempt(step), number.length + 2)];
    }
    const sabotaged = step.sabotaged ? ' (sabotaged: nothing is done; the judge must notice)' : '';
    return [
      ...wrap(number, `inject ${step.name}${sabotaged}`, number.length),
      ...table(describeInject(step), number.length + 2),
    ];
  });
}

function describeInject({ when, description }: PlannedInject): [string, string][] {
  return [
    ['does', description.does],
    ['targets', description.targets],
    ['when', describeWhen(when)],
    ['confirmed by', description.confirmedBy.join('; ')],
    ['undo', description.undo],
  ];
}

function describeWhen(when: PlannedInject['when']): string {
  if (when === null) return 'at once';
  const { lane, from, offsetMs } = when;
  const moment = from === 'refresh' ? `the entry of lane ${lane} was refreshed` : `the entry of lane ${lane} runs out`;
  if (offsetMs === 0) return `when ${moment}`;
  return `${formatMs(Math.abs(offsetMs))} ${offsetMs < 0 ? 'before' : 'after'} ${moment}`;
}
