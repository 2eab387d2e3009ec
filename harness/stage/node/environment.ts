import type { Lookup } from './lookup.ts';
import { fieldValue, resourceValue, type PodFacts } from './pod-facts.ts';
import type { Container, EnvVar } from './pod.ts';
import { ContainerProblem } from './programs.ts';

type Env = Record<string, string>;

/** Replaces `$(NAME)` by its value; unknown names stay as they are, and `$$` stands for a dollar sign. */
export function expand(text: string, env: Readonly<Env>): string {
  return text.replaceAll(/\$(?:\$|\(([^()]*)\))/g, (whole, name?: string) =>
    name === undefined ? '$' : (env[name] ?? whole),
  );
}

/**
 * The environment of a container: `base`, then `envFrom`, then `env`, in which a value may use what stands before it.
 * Throws a ContainerProblem when something it needs is missing.
 */
export async function containerEnv(
  container: Container,
  facts: PodFacts,
  lookup: Lookup,
  base: Readonly<Env>,
): Promise<Env> {
  const env: Env = { ...base };
  for (const { prefix = '', configMapRef, secretRef } of container.envFrom ?? []) {
    const ref = configMapRef ?? secretRef;
    if (!ref) continue;
    const data = await read(configMapRef ? 'configMap' : 'secret', ref, facts, lookup);
    for (const [key, value] of data ?? []) env[prefix + key] = value.toString('utf8');
  }
  for (const variable of container.env ?? []) {
    const value = await valueOf(variable, env, container, facts, lookup);
    if (value !== undefined) env[variable.name] = value;
  }
  return env;
}

async function valueOf(
  { name, value = '', valueFrom }: EnvVar,
  env: Env,
  container: Container,
  facts: PodFacts,
  lookup: Lookup,
): Promise<string | undefined> {
  if (!valueFrom) return expand(value, env);
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef } = valueFrom;
  const keyRef = configMapKeyRef ?? secretKeyRef;
  if (keyRef) {
    const kind = configMapKeyRef ? 'configMap' : 'secret';
    const found = (await read(kind, keyRef, facts, lookup))?.get(keyRef.key);
    if (found || keyRef.optional) return found?.toString('utf8');
    throw missing(`key ${keyRef.key} of ${kind.toLowerCase()} "${keyRef.name}" not found`);
  }
  const own = fieldRef
    ? fieldValue(fieldRef, facts)
    : resourceFieldRef && ownResource(resourceFieldRef, container, facts);
  if (own === undefined) throw missing(`env ${name}: cannot read ${JSON.stringify(valueFrom)}`);
  return own;
}

function ownResource(
  ref: { containerName?: string; resource: string; divisor?: string | number },
  container: Container,
  facts: PodFacts,
): string | undefined {
  const named = facts.pod.spec.containers.find(({ name }) => name === ref.containerName);
  return resourceValue(ref, named ?? container, facts);
}

async function read(
  kind: 'configMap' | 'secret',
  { name, optional = false }: { name: string; optional?: boolean },
  { pod }: PodFacts,
  lookup: Lookup,
): Promise<Map<string, Buffer> | undefined> {
  const data = await lookup[kind](pod.metadata.namespace ?? 'default', name);
  if (!data && !optional) throw missing(`${kind.toLowerCase()} "${name}" not found`);
  return data;
}

function missing(message: string): ContainerProblem {
  return new ContainerProblem('CreateContainerConfigError', message);
}
