import { EventEmitter } from 'node:events';
import { informer } from '../client/informer.ts';
import { resources } from '../client/resources.ts';
import type { InformerOptions } from '../client/types.ts';
import { daemonSetController } from './apps/daemon-set.ts';
import { deploymentController } from './apps/deployment.ts';
import { replicaSetController } from './apps/replica-set.ts';
import { followed, runController, type Context } from './base/context.ts';
import { eventRecorder } from './base/events.ts';
import { garbageCollector } from './cluster/garbage-collector.ts';
import { namespaceController } from './cluster/namespaces.ts';
import { nodeLifecycleController } from './cluster/node-lifecycle.ts';
import { endpointsController } from './network/endpoints.ts';
import { scheduler } from './scheduler/scheduler.ts';

type Options = Pick<Context, 'client' | 'rootCa' | 'clock' | 'onError'> & Pick<InformerOptions, 'random'>;

const makers = [
  scheduler,
  deploymentController,
  replicaSetController,
  daemonSetController,
  endpointsController,
  nodeLifecycleController,
  namespaceController,
  garbageCollector,
];

/**
 * Starts all controllers and the scheduler over one set of informers. They outlive any outage of the API; what fails is
 * told and tried again. `started` resolves when every controller works, and rejects when they were stopped before.
 */
export function startControllers(options: Options): { readonly started: Promise<void>; stop(): void } {
  const { client, clock, onError } = options;
  const stopped = new AbortController();
  const changes = new EventEmitter();
  const informers = followed.map((kind) => {
    const onChange = (): unknown => changes.emit(kind);
    const tell = (problem: unknown): void => onError(`informer ${kind}`, problem);
    return informer(client, resources[kind], { ...options, onChange, onError: tell });
  });
  const copies = Object.fromEntries(informers.map(({ objects }, index) => [followed[index], objects]));
  const record = eventRecorder(client, clock);
  const context = { ...options, changes, record, copies: copies as Context['copies'] };
  const started = Promise.all(informers.map(async ({ synced }) => await synced)).then(() => {
    for (const make of makers) void runController(context, make(context), stopped.signal);
  });
  started.catch(() => undefined);
  return {
    started,
    stop: () => {
      stopped.abort();
      for (const one of informers) one.stop();
    },
  };
}
