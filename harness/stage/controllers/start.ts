import { randomInt } from 'node:crypto';
import { systemClock, type Clock } from '../../core/clock.ts';
import { seededRandom, type Random } from '../../core/random.ts';
import type { StageClient } from '../client/types.ts';
import { daemonSetController } from './apps/daemon-set.ts';
import { deploymentController } from './apps/deployment.ts';
import { replicaSetController } from './apps/replica-set.ts';
import { openCaches } from './base/caches.ts';
import type { Context } from './base/context.ts';
import { eventRecorder } from './base/events.ts';
import { eventExpiry } from './cluster/event-expiry.ts';
import { garbageCollector } from './cluster/garbage-collector.ts';
import { namespaceDefaultsController } from './cluster/namespace-defaults.ts';
import { namespaceController } from './cluster/namespaces.ts';
import { nodeLifecycleController } from './cluster/node-lifecycle.ts';
import { podGarbageCollector } from './cluster/pod-gc.ts';
import { endpointsController } from './network/endpoints.ts';
import { scheduler } from './scheduler/scheduler.ts';

export interface ControllersOptions {
  readonly client: StageClient;
  /** PEM text: what each namespace publishes as kube-root-ca.crt. */
  readonly rootCa: string;
  /** Told what failed; everything is tried again by itself. */
  readonly onError: (what: string, problem: unknown) => void;
  readonly clock?: Clock;
  readonly random?: Random;
}

export interface Controllers {
  /** Resolves when every controller works; rejects when stopped before. */
  readonly started: Promise<void>;
  stop(): void;
}

const makers = [
  scheduler,
  deploymentController,
  replicaSetController,
  daemonSetController,
  endpointsController,
  nodeLifecycleController,
  namespaceDefaultsController,
  namespaceController,
  garbageCollector,
  podGarbageCollector,
  eventExpiry,
];

/** Starts all controllers and the scheduler over one set of informers. They outlive any outage of the API. */
export function startControllers(options: ControllersOptions): Controllers {
  const { client, rootCa, onError, clock = systemClock } = options;
  const random = options.random ?? seededRandom(randomInt(2 ** 32));
  const caches = openCaches({ client, clock, random, onError });
  const record = eventRecorder(client, clock, random);
  const context: Context = { client, caches, record, clock, random, rootCa, onError };
  const controllers = makers.map((make) => make(context));
  const started = caches.start().then(() => {
    for (const controller of controllers) controller.start();
  });
  started.catch(() => undefined);
  return {
    started,
    stop: () => {
      for (const controller of controllers) controller.stop();
      caches.stop();
    },
  };
}
