import type { FaultContext } from './fault.ts';

/** What a sabotaged fault does instead of its change: nothing, so that the judge can be seen to notice. */
export const noop: { readonly inject: (context: FaultContext) => Promise<void> } = { inject: async () => {} };
