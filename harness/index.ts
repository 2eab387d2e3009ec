/** What experiments import, as `#harness`: everything an author needs and nothing else. */
export { scaled, type Duration, type ScaledDuration } from './core/duration.ts';
export {
  apiServer,
  apiServerDown,
  apiServerCpu,
  apiServerHang,
  cached,
  coreDns,
  coreDnsRestart,
  inject,
  nodeDnsCache,
  nodePause,
  observe,
  operate,
  operator,
  podChaos,
  pods,
  telemetryAgent,
  telemetryRollout,
} from './experiment/builders.ts';
export { flag, oneOf, someOf } from './experiment/choice-parameter.ts';
export { defineExperiment } from './experiment/define.ts';
export { duration } from './experiment/duration-parameter.ts';
export {
  alarms,
  answersStale,
  availability,
  breaks,
  breaksAtExpiry,
  getsThrough,
  latency,
  locksOut,
  longestOutage,
  staysQuiet,
  timeToRecover,
  underLoad,
} from './experiment/judgement.ts';
export { integer, number } from './experiment/number-parameter.ts';
export { procedure, rung, tryRungs } from './experiment/rung-builders.ts';
export type { RungSpec } from './experiment/rung-spec.ts';
export type {
  BudgetSpec,
  ExpectationSpec,
  ExperimentDefinition,
  FaultSpec,
  LaneSpec,
  StepSpec,
} from './experiment/spec.ts';
export { remedyNames, remedyRung } from './experiment/remedies.ts';
export { defineStudy, remedyRace, scaleSweep } from './experiment/study.ts';
export { yamlFile } from './experiment/yaml-parameter.ts';
