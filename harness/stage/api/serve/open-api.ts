import {
  openApiV2,
  openApiV2Accept,
  openApiV2Bytes,
  openApiV2ContentType,
  openApiV3,
  openApiV3Index,
} from '../openapi/openapi.ts';
import type { ResourceType } from '../resources.ts';
import { notFound } from '../status.ts';

/** Answers `/openapi/v2`, `/openapi/v3` and `/openapi/v3/…`; throws 404. */
export function openApi(
  path: string,
  accept: string,
  types: readonly ResourceType[],
): { contentType: string; body: string | Buffer } {
  if (path === '/openapi/v2' && accept.includes(openApiV2Accept)) {
    return { contentType: openApiV2ContentType, body: openApiV2Bytes() };
  }
  return { contentType: 'application/json', body: JSON.stringify(documentAt(path, types)) };
}

function documentAt(path: string, types: readonly ResourceType[]): object {
  if (path === '/openapi/v2') return openApiV2();
  if (path === '/openapi/v3') return openApiV3Index(types);
  const [, version, group, groupVersion] = /^\/openapi\/v3\/(?:api\/([^/]+)|apis\/([^/]+)\/([^/]+))$/.exec(path) ?? [];
  const document = openApiV3(types, group ?? '', groupVersion ?? version ?? '');
  if (!document) throw notFound();
  return document;
}
