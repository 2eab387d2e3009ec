import { isObject } from '../kinds/shape.ts';
import { readValue } from '../request/body.ts';
import { isTrue } from '../request/request-info.ts';
import { badRequest, invalid } from '../status.ts';
import type { ApiRequest } from './api.ts';

export interface DeleteOptions {
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: 'Orphan' | 'Background' | 'Foreground';
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly dryRun: boolean;
}

/** From the body, if there is one, else from the query. */
export function readDeleteOptions(request: ApiRequest): DeleteOptions {
  const { body, info, dryRun } = request;
  return parseDeleteOptions(body.length === 0 ? {} : readValue(request), info.query, dryRun);
}

export function parseDeleteOptions(given: unknown, query: URLSearchParams, dryRun: boolean): DeleteOptions {
  if (!isObject(given)) throw badRequest('the body of a delete must be DeleteOptions');
  const { preconditions = {} } = given;
  if (!isObject(preconditions)) throw badRequest('preconditions must be an object');
  const grace = given['gracePeriodSeconds'] ?? query.get('gracePeriodSeconds') ?? undefined;
  const policy = given['propagationPolicy'] ?? query.get('propagationPolicy') ?? undefined;
  const orphan = given['orphanDependents'] ?? (query.has('orphanDependents') && isTrue(query.get('orphanDependents')));
  const { uid, resourceVersion } = preconditions;
  return {
    dryRun: dryRun || (Array.isArray(given['dryRun']) && given['dryRun'].includes('All')),
    ...(grace !== undefined && { gracePeriodSeconds: readGrace(grace) }),
    ...(policy !== undefined && { propagationPolicy: readPolicy(policy) }),
    ...(policy === undefined && orphan === true && { propagationPolicy: 'Orphan' as const }),
    ...(typeof uid === 'string' && { uid }),
    ...(typeof resourceVersion === 'string' && { resourceVersion }),
  };
}

/** A negative grace is one second, as in Kubernetes. */
function readGrace(value: unknown): number {
  const seconds = Number(value);
  if (!Number.isSafeInteger(seconds)) throw badRequest('gracePeriodSeconds must be an integer');
  return seconds < 0 ? 1 : seconds;
}

function readPolicy(value: unknown): 'Orphan' | 'Background' | 'Foreground' {
  if (value === 'Orphan' || value === 'Background' || value === 'Foreground') return value;
  const message = `Unsupported value: ${JSON.stringify(value)}: supported values: "Foreground", "Background", "Orphan"`;
  throw invalid({ group: 'meta.k8s.io', kind: 'DeleteOptions' }, '', [
    { reason: 'FieldValueNotSupported', field: 'propagationPolicy', message },
  ]);
}
