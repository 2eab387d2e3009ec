import type { Run } from '../../core/command.ts';

/**
 * The ID of the Docker daemon that answers now: it tells one machine, context or DOCKER_HOST from another. Undefined when
 * none answers, or when it does not say.
 */
export async function daemonId(run: Run): Promise<string | undefined> {
  try {
    const { stdout } = await run(['docker', 'info', '--format', '{{.ID}}'], { timeoutMs: 10_000 });
    return stdout.trim() || undefined;
  } catch {
    return undefined;
  }
}
