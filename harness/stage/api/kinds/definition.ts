import type { KubeObject } from '../../client/types.ts';
import { builtInTypes } from '../resources.ts';
import type { StatusCause } from '../status.ts';
import { specOf, type CrdSpec } from './fields.ts';

/** What is wrong with a CustomResourceDefinition. Schemas are not looked at: custom objects are checked for their metadata only. */
export function definitionProblems(object: KubeObject): StatusCause[] {
  const { group = '', names, versions = [], scope = '' } = specOf<CrdSpec>(object);
  const problems: StatusCause[] = [];
  const wrong = (field: string, message: string): void =>
    void problems.push({ reason: 'FieldValueInvalid', field, message: `Invalid value: ${message}` });
  if (!names?.plural || !names.kind) wrong('spec.names', 'plural and kind are required');
  if (!group.includes('.')) wrong('spec.group', 'should be a domain with at least one dot');
  if (builtInTypes.some((type) => type.group === group))
    wrong('spec.group', `${group} belongs to the API server itself`);
  if (object.metadata.name !== `${names?.plural}.${group}`) {
    wrong('metadata.name', `must be spec.names.plural+"."+spec.group`);
  }
  if (!['Namespaced', 'Cluster'].includes(scope)) wrong('spec.scope', 'must be Namespaced or Cluster');
  if (versions.filter((version) => version.storage).length !== 1) {
    wrong('spec.versions', 'must have exactly one version marked as storage version');
  }
  if (versions.some((version) => !version.name)) wrong('spec.versions', 'every version needs a name');
  return problems;
}

/** Served at once: there is nobody whose consent would have to be awaited. */
export function establish(object: KubeObject, now: Date): object {
  const { names, versions = [] } = specOf<CrdSpec>(object);
  const lastTransitionTime = now.toISOString().replace(/\.\d+Z$/, 'Z');
  const condition = { status: 'True', lastTransitionTime };
  return {
    acceptedNames: names,
    storedVersions: versions.filter((version) => version.storage).map((version) => version.name),
    conditions: [
      { type: 'NamesAccepted', ...condition, reason: 'NoConflicts', message: 'no conflicts found' },
      {
        type: 'Established',
        ...condition,
        reason: 'InitialNamesAccepted',
        message: 'the initial names have been accepted',
      },
    ],
  };
}
