import { isDuration, toMs, type Duration } from '../../core/duration.ts';
import { BlackstartError } from '../../core/errors.ts';
import type { PodChaosAction, YamlFile } from '../../experiment/spec.ts';
import { FieldReader, isFields, type Fields } from './field-reader.ts';
import type { PodChaosMode, PodChaosRequest, PodChaosSelector } from './request.ts';

const actions: readonly PodChaosAction[] = ['pod-kill', 'pod-failure', 'container-kill'];
const modes = ['one', 'all', 'fixed', 'fixed-percent'] as const;

/**
 * Reads a PodChaos manifest of the user's own. What we would not carry out as it is written is refused by name.
 * Throws `invalid-experiment` with all problems at once.
 */
export function fromFile({ path, document }: YamlFile): PodChaosRequest {
  const reader = new FieldReader();
  const request = isFields(document) ? readDocument(document, reader) : undefined;
  if (!isFields(document)) reader.problem('', 'is no object');
  if (request && reader.problems.length === 0) return request;
  throw new BlackstartError(
    'invalid-experiment',
    [`${path} is no PodChaos that can be run:`, ...reader.problems.map((one) => `  ${one}`)].join('\n'),
    { hint: 'Correct the file; a PodChaos in YAML is described in the Chaos Mesh documentation.' },
  );
}

function readDocument(document: Fields, reader: FieldReader): PodChaosRequest | undefined {
  reader.expect(document, 'apiVersion', 'chaos-mesh.org/v1alpha1');
  reader.expect(document, 'kind', 'PodChaos');
  const metadata = isFields(document['metadata']) ? document['metadata'] : {};
  const spec = document['spec'];
  if (!isFields(spec)) {
    reader.problem('spec', 'is missing');
    return undefined;
  }
  const action = reader.oneOf(spec, 'spec.action', actions);
  const mode = readMode(spec, reader);
  const selector = readSelector(spec['selector'], metadata['namespace'], reader);
  const containerNames = reader.texts(spec['containerNames'], 'spec.containerNames');
  const duration = readDuration(spec['duration'], reader);
  if (action === 'container-kill' && containerNames.length === 0) {
    reader.problem('spec.containerNames', 'is missing; container-kill needs it');
  }
  if (action !== undefined && action !== 'container-kill' && containerNames.length > 0) {
    reader.problem('spec.containerNames', `is not for ${action}, which acts on whole pods`);
  }
  if (spec['gracePeriod'] !== undefined && spec['gracePeriod'] !== 0) {
    reader.problem('spec.gracePeriod', 'other than 0 is not supported');
  }
  reader.only(spec, 'spec', ['action', 'mode', 'value', 'selector', 'containerNames', 'duration', 'gracePeriod']);
  if (action === undefined || mode === undefined || selector === undefined) return undefined;
  // Chaos Mesh ignores the duration of the one-shot actions, and so do we.
  return { action, mode, selector, containerNames, duration: action === 'pod-failure' ? duration : null };
}

function readMode(spec: Fields, reader: FieldReader): PodChaosMode | undefined {
  const kind = reader.oneOf(spec, 'spec.mode', modes);
  if (kind === undefined || kind === 'one' || kind === 'all') return kind && { kind };
  const value = Number(spec['value'] ?? Number.NaN);
  const most = kind === 'fixed' ? Infinity : 100;
  if (!Number.isInteger(value) || value < 1 || value > most) {
    reader.problem('spec.value', `must be a whole number from 1${kind === 'fixed' ? '' : ' to 100'} for mode ${kind}`);
    return undefined;
  }
  return kind === 'fixed' ? { kind, count: value } : { kind, percent: value };
}

function readSelector(value: unknown, ownNamespace: unknown, reader: FieldReader): PodChaosSelector | undefined {
  if (!isFields(value)) {
    reader.problem('spec.selector', 'is missing');
    return undefined;
  }
  reader.only(value, 'spec.selector', ['namespaces', 'labelSelectors', 'pods']);
  const labels = reader.textMap(value['labelSelectors'], 'spec.selector.labelSelectors');
  if (value['pods'] !== undefined) return readNames(value['pods'], Object.keys(labels).length > 0, reader);
  const named = reader.texts(value['namespaces'], 'spec.selector.namespaces');
  // Without namespaces Chaos Mesh looks in the namespace of the object itself.
  const namespaces = named.length === 0 && typeof ownNamespace === 'string' ? [ownNamespace] : named;
  if (namespaces.length === 0) reader.problem('spec.selector.namespaces', 'is missing');
  if (
    value['labelSelectors'] === undefined ||
    (isFields(value['labelSelectors']) && Object.keys(value['labelSelectors']).length === 0)
  ) {
    reader.problem('spec.selector.labelSelectors', 'is missing: every pod of the namespace would be hit');
  }
  return { kind: 'labels', namespaces, labels };
}

function readNames(value: unknown, hasLabels: boolean, reader: FieldReader): PodChaosSelector | undefined {
  if (hasLabels) {
    reader.problem('spec.selector', 'has both pods and labelSelectors; Chaos Mesh would ignore the labels: keep one');
  }
  if (!isFields(value) || Object.keys(value).length === 0) {
    reader.problem('spec.selector.pods', 'must map a namespace to a list of pod names');
    return undefined;
  }
  const pods = Object.entries(value).map(
    ([namespace, names]) => [namespace, reader.texts(names, `spec.selector.pods.${namespace}`)] as const,
  );
  return { kind: 'names', pods: Object.fromEntries(pods) };
}

function readDuration(value: unknown, reader: FieldReader): Duration | null {
  if (value === undefined || value === null) return null;
  if (typeof value === 'string' && isDuration(value) && toMs(value) > 0) return value;
  reader.problem('spec.duration', `must be a duration such as '30s'; got ${JSON.stringify(value)}`);
  return null;
}
