import type { Directive } from '../corefile/parse-corefile.ts';
import type { Query, Reply } from '../plugin.ts';
import type { Plugin, PluginContext } from '../plugins.ts';
import { makeQuery } from '../wire/make-query.ts';
import { openApiClient } from './api-client.ts';
import { kubernetesHandler, waitForSync } from './kubernetes.ts';
import { kubernetesSettings } from './settings.ts';
import { openClusterStore } from './store.ts';

/** Begins to follow the API at once. */
export function setUpKubernetes(directive: Directive, context: PluginContext): Plugin {
  const { block, env, clock, log, metrics, resolve } = context;
  const settings = kubernetesSettings(directive, block.zones);
  const client = openApiClient(settings.api, env, metrics.kubernetes.restClientRequests);
  const store = openClusterStore(client, () => clock.now());
  const lookUp = async (query: Query, name: string): Promise<Reply> => await resolve(makeQuery(query, name));
  return {
    wrap: (next) => kubernetesHandler({ settings, store, lookUp }, next),
    start: async () => await waitForSync(store, settings.startupTimeoutMs, { clock, log }),
    isReady: () => store.hasSynced(),
    stop: () => store.stop(),
  };
}
