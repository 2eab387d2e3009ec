/** What somebody asks about himself: who he is, whether he may do something, and what he may do. Nothing is stored. */
import { at, textAt } from '../json.ts';
import { timeOf } from '../patch/server-side-apply.ts';
import { requirePath, type Answer, type Api, type ApiRequest } from './api.ts';
import { readBodyObject } from './prepare.ts';

type Review = (api: Api, user: ApiRequest['user'], spec: unknown) => object;

const reviews: Readonly<Record<string, Review>> = {
  SelfSubjectReview: (_api, { name: username, ...who }) => ({ userInfo: { username, ...who } }),
  SelfSubjectAccessReview: ({ authorizer }, user, spec) => {
    const asked = at(spec, 'resourceAttributes') ?? at(spec, 'nonResourceAttributes');
    return {
      allowed: authorizer.allows(user, {
        verb: textAt(asked, 'verb'),
        path: textAt(asked, 'path'),
        apiGroup: textAt(asked, 'group'),
        resource: textAt(asked, 'resource'),
        subresource: textAt(asked, 'subresource'),
        namespace: textAt(asked, 'namespace'),
        name: textAt(asked, 'name'),
      }),
    };
  },
  SelfSubjectRulesReview: ({ authorizer }, user, spec) => {
    const rules = authorizer.rulesOf(user, textAt(spec, 'namespace'));
    const resourceRules = rules.filter(({ resources }) => resources.length > 0);
    const nonResourceRules = rules.filter(({ nonResourceURLs }) => nonResourceURLs.length > 0);
    return {
      resourceRules: resourceRules.map(({ nonResourceURLs: _paths, ...rule }) => rule),
      nonResourceRules: nonResourceRules.map(({ verbs, nonResourceURLs }) => ({ verbs, nonResourceURLs })),
      incomplete: false,
    };
  },
};

export function review(api: Api, request: ApiRequest): Answer {
  requirePath(request, false);
  const { apiVersion, kind, spec = {} } = readBodyObject(request);
  const metadata = { creationTimestamp: timeOf(new Date()) };
  return { code: 201, object: { kind, apiVersion, metadata, spec, status: reviews[kind]?.(api, request.user, spec) } };
}
