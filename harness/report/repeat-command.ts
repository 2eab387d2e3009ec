import { pasteable } from '../core/command.ts';
import type { Plan } from '../plan/plan.ts';
import type { StudyPlan } from '../study/study-plan.ts';
import { pageWidth } from './table.ts';

/** The command that makes the same run again, as lines ready to paste. */
export function repeatCommand(plan: Plan): string[] {
  const sabotaged = plan.method.flatMap((step) => (step.kind === 'inject' && step.sabotaged ? [step.name] : []));
  const { manifests, namespace, name, port } = plan.service;
  const groups: readonly (readonly string[])[] = [
    ['npm', 'run', '-s', 'experiment', '--', plan.experiment],
    ['--backend', plan.backend],
    ['--seed', String(plan.seed)],
    ['--time-scale', String(plan.timeScale)],
    ...settingGroups(plan.parameters),
    ...(sabotaged.length > 0 ? [[`--sabotage=${sabotaged.join(',')}`]] : []),
    ...(manifests === null
      ? []
      : [
          ['--manifests', manifests],
          ['--service', `${namespace}/${name}:${port}`],
        ]),
  ];
  return folded(groups);
}

/** The same for a study. */
export function repeatStudyCommand({ study, backend, seed, parameters }: StudyPlan): string[] {
  return folded([
    ['npm', 'run', '-s', 'experiment', '--', study],
    ['--backend', backend],
    ['--seed', String(seed)],
    ...settingGroups(parameters),
  ]);
}

function settingGroups(parameters: Readonly<Record<string, string>>): readonly (readonly string[])[] {
  const settings = Object.entries(parameters).filter(([, value]) => value !== '');
  return settings.map(([key, value], index) => [...(index === 0 ? ['--set'] : []), `${key}=${value}`]);
}

/** Groups of words stay on one line. */
function folded(groups: readonly (readonly string[])[]): string[] {
  const lines: string[] = [];
  let line = ' ';
  for (const group of groups) {
    const text = pasteable(group);
    if (line.length + text.length + 3 > pageWidth) {
      lines.push(`${line} \\`);
      line = '   ';
    }
    line += ` ${text}`;
  }
  return [...lines, line];
}
