import type { TargetConfirmation } from '../../core/events.ts';

/** Who saw it: the node's runtime, the container engine under the nodes, the probers, the agents, the API. */
export type Source = 'crictl' | 'docker' | 'prober' | 'agent' | 'api';

const sources: readonly Source[] = ['crictl', 'docker', 'prober', 'agent', 'api'];

/** What one observer saw of one target. */
export interface Observation {
  readonly source: Source;
  /** `too-much`: the effect came, and more than was asked for. */
  readonly saw: 'effect' | 'no-effect' | 'too-much';
  /** One sentence, without the source. */
  readonly text: string;
}

/**
 * Joins what independent observers saw of one target. `confirmed` needs all of them to have seen the effect, from two
 * sources of which one does not depend on the API server. `notes` come first: what was said, what it means.
 */
export function combine(
  name: string,
  observations: readonly Observation[],
  notes: readonly string[] = [],
): TargetConfirmation {
  const told = [
    ...observations.filter(({ saw }) => saw !== 'effect'),
    ...observations.filter(({ saw }) => saw === 'effect'),
  ];
  const evidence = [...notes, ...told.map(({ source, text }) => `${source}: ${text}`)];
  if (observations.some(({ saw }) => saw === 'too-much')) return { name, confirmation: 'mismatch', evidence };
  if (observations.some(({ saw }) => saw === 'no-effect')) return { name, confirmation: 'unconfirmed', evidence };
  const seenBy = new Set(observations.map(({ source }) => source));
  // Of two sources at least one is outside: only the API is not.
  if (seenBy.size >= 2) return { name, confirmation: 'confirmed', evidence };
  const lacking = 'a second, independent observer is missing: one source alone confirms nothing';
  return { name, confirmation: 'unconfirmed', evidence: [lacking, ...evidence] };
}

/** The source of a piece of evidence; undefined for a note. */
export function sourceOf(evidence: string): Source | undefined {
  return sources.find((source) => evidence.startsWith(`${source}: `));
}

/** True for those that see without the API server. */
export function isOutside(source: Source): boolean {
  return source !== 'api';
}
