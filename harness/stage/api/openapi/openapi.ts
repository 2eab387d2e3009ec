/**
 * OpenAPI documents without schemas: just enough for kubectl. From v3 it learns that the server validates fields itself
 * (`fieldValidation`), so that it does not want to. It finds no schemas, so client-side apply works out its patch from the
 * types it has built in. Version 2 is fetched for a `kind: List` and by client-side apply, only as protobuf; an empty
 * document makes kubectl accept everything. `kubectl explain` has nothing to show.
 */
import { createHash } from 'node:crypto';
import { apiVersionOf, isBuiltIn, type ResourceType } from '../resources.ts';

const info = { title: 'Kubernetes', version: 'v1.34.0' };

/** Parameters of writes that kubectl looks for before it uses them. */
const writeParameters = ['dryRun', 'fieldManager', 'fieldValidation', 'force'];

/** What PATCH takes, for built-in kinds; custom resources have no strategic merge patch. */
const patchTypes = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/apply-patch+yaml',
  'application/strategic-merge-patch+json',
];

type Document = Record<string, unknown>;

/** GET /openapi/v2 as JSON. */
export function openApiV2(): Document {
  return { swagger: '2.0', info, paths: {}, definitions: {} };
}

/** The media type that kubectl accepts for version 2, and no other. */
export const openApiV2Accept = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf';

/** The Content-Type of the answer to it: Go's MIME parser does not take the `@`. */
export const openApiV2ContentType = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';

/** GET /openapi/v2 as protobuf: fields 1 `swagger` and 2 `info` with 1 `title` and 2 `version` (gnostic's openapi.v2.Document). */
export function openApiV2Bytes(): Buffer {
  const title = field(1, Buffer.from(info.title));
  const version = field(2, Buffer.from(info.version));
  return Buffer.concat([field(1, Buffer.from('2.0')), field(2, Buffer.concat([title, version]))]);
}

/** A length-delimited protobuf field shorter than 128 bytes. */
function field(number: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([(number << 3) | 2, content.length]), content]);
}

/** GET /openapi/v3: the path of every group version, with a hash that changes when its document does. */
export function openApiV3Index(types: readonly ResourceType[]): {
  paths: Record<string, { serverRelativeURL: string }>;
} {
  const groups = Map.groupBy(types, pathOf);
  return {
    paths: Object.fromEntries(
      [...groups].map(([path, members]) => {
        const hash = createHash('sha256')
          .update(JSON.stringify(documentOf(members)))
          .digest('hex')
          .toUpperCase();
        return [path, { serverRelativeURL: `/openapi/v3/${path}?hash=${hash}` }];
      }),
    ),
  };
}

/** GET /openapi/v3/api/v1 or /openapi/v3/apis/GROUP/VERSION; undefined when there is no such group version. */
export function openApiV3(types: readonly ResourceType[], group: string, version: string): Document | undefined {
  const members = types.filter((type) => type.group === group && type.version === version);
  return members.length === 0 ? undefined : documentOf(members);
}

/** `api/v1` or `apis/GROUP/VERSION`. */
function pathOf(type: ResourceType): string {
  return `${type.group === '' ? 'api' : 'apis'}/${apiVersionOf(type)}`;
}

function documentOf(types: readonly ResourceType[]): Document {
  const paths = types.map((type) => {
    const scope = type.namespaced ? 'namespaces/{namespace}/' : '';
    return [`/${pathOf(type)}/${scope}${type.plural}/{name}`, { patch: patchOperation(type) }];
  });
  return { openapi: '3.0.0', info, paths: Object.fromEntries(paths), components: { schemas: {} } };
}

function patchOperation(type: ResourceType): Document {
  const { group, version, kind } = type;
  const types = isBuiltIn(type) ? patchTypes : patchTypes.slice(0, 3);
  return {
    parameters: writeParameters.map((name) => ({ name, in: 'query', schema: { type: 'string' } })),
    requestBody: { content: Object.fromEntries(types.map((mime) => [mime, { schema: { type: 'object' } }])) },
    responses: { 200: { description: 'OK' } },
    'x-kubernetes-group-version-kind': { group, version, kind },
  };
}
