import type { KubeObject } from '../../client/types.ts';
import { apiVersionOf } from '../resources.ts';
import type { Matcher } from '../select/label-selector.ts';
import type { ApiStatus } from '../status.ts';
import type { ChangeEvent } from '../store/watch-cache.ts';
import type { ApiRequest } from './api.ts';
import { inVersion } from './list.ts';
import { asTable } from './tables.ts';

/** The lines of a watch's answer, each with its line break. */
export interface WatchLines {
  /** Undefined when the watch is not about this change. */
  event(event: ChangeEvent): string | undefined;
  added(object: KubeObject): string;
  /** @param endsInitial says that all that was there at the start has been sent. */
  bookmark(revision: number, endsInitial: boolean): string;
  error(status: ApiStatus): string;
}

/** Watches of one kind send the same lines at about the same time: the newest are kept, oldest first. */
const shared = new Map<ChangeEvent, string>();
const mostShared = 100;

export function watchLines(request: ApiRequest, matches: Matcher<KubeObject>): WatchLines {
  const { type, wanted } = request;
  const make = (kind: string, object: KubeObject): string =>
    line(kind, wanted.as === 'Table' ? asTable(request, [object], object.metadata) : object);
  const makeShared = (event: ChangeEvent): string => {
    if (wanted.as !== '' || event.object.apiVersion !== apiVersionOf(type)) {
      return make(event.type, inVersion(type, event.object));
    }
    const text = shared.get(event) ?? line(event.type, event.object);
    shared.set(event, text);
    const [oldest] = shared.keys();
    if (oldest && shared.size > mostShared) shared.delete(oldest);
    return text;
  };
  return {
    added: (object) => make('ADDED', inVersion(type, object)),
    event: (event) => {
      const told = tellTo(event, matches);
      return told?.type === event.type ? makeShared(event) : told && make(told.type, inVersion(type, told.object));
    },
    bookmark: (revision, endsInitial) => {
      const annotations = endsInitial ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {};
      const metadata = { resourceVersion: String(revision), creationTimestamp: null, ...annotations };
      const object = { kind: type.kind, apiVersion: apiVersionOf(type), metadata };
      return line('BOOKMARK', wanted.as === 'Table' ? { ...asTable(request, [], metadata), metadata } : object);
    },
    error: (status) => line('ERROR', status.toObject()),
  };
}

function line(type: string, object: object): string {
  return `${JSON.stringify({ type, object })}\n`;
}

/** To who selects, an object that comes to match appears, and one that stops matching disappears. */
function tellTo(event: ChangeEvent, matches: Matcher<KubeObject>): Pick<ChangeEvent, 'type' | 'object'> | undefined {
  const { type, object, previous, revision } = event;
  const was = previous !== undefined && matches(previous);
  if (type === 'DELETED') return was || matches(object) ? event : undefined;
  const is = matches(object);
  if (is) return { type: was ? 'MODIFIED' : 'ADDED', object };
  if (!was) return undefined;
  const metadata = { ...previous.metadata, resourceVersion: String(revision) };
  return { type: 'DELETED', object: { ...previous, metadata } };
}
