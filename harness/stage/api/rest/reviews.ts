import { authorize, type Attributes } from '../auth/authorize.ts';
import type { User } from '../auth/user.ts';
import { isObject } from '../kinds/shape.ts';
import { badRequest, methodNotAllowed } from '../status.ts';
import { timestamp, type Answer, type Api, type ApiRequest } from './api.ts';
import { readBodyObject } from './read-object.ts';

/** Answers what somebody asks about himself; nothing is stored. */
export function review(api: Api, request: ApiRequest): Answer {
  const { user, info, type } = request;
  if (info.verb !== 'create' || info.name !== '') throw methodNotAllowed();
  const { apiVersion, kind, spec = {} } = readBodyObject(request);
  if (!isObject(spec)) throw badRequest('spec must be an object');
  const metadata = { creationTimestamp: timestamp(api.now()) };
  const status = statusOfReview(type.plural, user, spec);
  return { code: 201, object: { kind, apiVersion, metadata, spec, status } };
}

function statusOfReview(plural: string, user: User, spec: Record<string, unknown>): object {
  switch (plural) {
    case 'selfsubjectreviews': {
      const { name: username, uid, groups, extra } = user;
      return { userInfo: { username, ...(uid !== undefined && { uid }), groups, ...(extra && { extra }) } };
    }
    case 'selfsubjectaccessreviews': {
      const allowed = authorize(user, attributesOf(spec));
      return {
        allowed,
        ...(!allowed && { reason: 'only administrators, nodes, components and service accounts are let in' }),
      };
    }
    default:
      return rulesOf(user);
  }
}

function attributesOf({ resourceAttributes, nonResourceAttributes }: Record<string, unknown>): Attributes {
  const given = isObject(resourceAttributes)
    ? resourceAttributes
    : isObject(nonResourceAttributes)
      ? nonResourceAttributes
      : {};
  const text = (field: string): string => (typeof given[field] === 'string' ? given[field] : '');
  return {
    verb: text('verb'),
    path: text('path'),
    group: text('group'),
    resource: text('resource'),
    subresource: text('subresource'),
    namespace: text('namespace'),
    name: text('name'),
  };
}

/** Everything or nothing: asking for anything at all tells which. */
function rulesOf(user: User): object {
  const any = { verb: '*', path: '', group: '*', resource: '*', subresource: '', namespace: '', name: '' };
  const all = ['*'];
  const everything = {
    resourceRules: [{ verbs: all, apiGroups: all, resources: all }],
    nonResourceRules: [{ verbs: all, nonResourceURLs: all }],
  };
  return { ...(authorize(user, any) ? everything : { resourceRules: [], nonResourceRules: [] }), incomplete: false };
}
