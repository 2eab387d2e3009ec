import { z } from 'zod';
import { CommandError, type Run } from '../../core/command.ts';
import { messageOf } from '../../core/errors.ts';
import type { Check } from '../cluster.ts';
import { pinnedVersions } from '../versions.ts';
import { hostChecks, readHost, type Host } from './host-limits.ts';

export interface DoctorOptions {
  readonly nodeImage: string;
  readonly run: Run;
  /** The machine's limits; read from /proc by default. */
  readonly host?: Host;
}

/** Everything that clusters of this backend need on this machine, each with what to do about it. */
export async function doctor({ nodeImage, run, host = readHost() }: DoctorOptions): Promise<readonly Check[]> {
  const docker = await dockerCheck(run);
  const tools = await Promise.all([
    kindCheck(run),
    toolCheck(run, 'kubectl', ['version', '--client'], 'Install kubectl: https://kubernetes.io/docs/tasks/tools/'),
    toolCheck(run, 'helm', ['version', '--short'], 'Install Helm 3: https://helm.sh/docs/intro/install/'),
  ]);
  const image = docker.status === 'missing' ? [] : [await imageCheck(run, nodeImage)];
  return [docker, ...tools, ...image, ...hostChecks(host)];
}

const dockerInfo = z.object({
  ServerVersion: z.string().optional(),
  CgroupVersion: z.string().optional(),
  ServerErrors: z.array(z.string()).optional(),
});

async function dockerCheck(run: Run): Promise<Check> {
  const name = 'Docker';
  const hint =
    'Start Docker, and make sure that `docker ps` works for this user: https://docs.docker.com/engine/install/';
  try {
    const { stdout } = await run(['docker', 'info', '--format', '{{json .}}'], { timeoutMs: 10_000 });
    const info = dockerInfo.parse(JSON.parse(stdout));
    if (info.ServerVersion === undefined || info.ServerVersion === '') {
      return { name, status: 'missing', found: info.ServerErrors?.[0] ?? 'the Docker daemon does not answer', hint };
    }
    return { name, status: 'ok', found: `${info.ServerVersion}, cgroup v${info.CgroupVersion ?? '?'}`, hint: '' };
  } catch (problem) {
    return { name, status: 'missing', found: why(problem), hint };
  }
}

async function kindCheck(run: Run): Promise<Check> {
  const wanted = pinnedVersions().kind;
  const hint = `Install kind ${wanted} or newer: https://kind.sigs.k8s.io/docs/user/quick-start/#installation`;
  const check = await toolCheck(run, 'kind', ['version'], hint);
  const version = /v(\d+)\.(\d+)\.(\d+)/.exec(check.found);
  if (check.status !== 'ok' || !version) return check;
  const [, major, minor] = version.map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = wanted.split('.').map(Number);
  const isOld = major !== undefined && minor !== undefined && (major - wantedMajor || minor - wantedMinor) < 0;
  return isOld ? { ...check, status: 'warning', hint } : check;
}

async function toolCheck(run: Run, name: string, args: readonly string[], hint: string): Promise<Check> {
  try {
    const { stdout } = await run([name, ...args], { timeoutMs: 10_000 });
    return { name, status: 'ok', found: stdout.trim().split('\n')[0] ?? '', hint: '' };
  } catch (problem) {
    return { name, status: 'missing', found: why(problem), hint };
  }
}

async function imageCheck(run: Run, image: string): Promise<Check> {
  try {
    await run(['docker', 'image', 'inspect', image], { timeoutMs: 10_000 });
    return { name: 'node image', status: 'ok', found: `${image} is here`, hint: '' };
  } catch {
    return {
      name: 'node image',
      status: 'ok',
      found: `${image} will be pulled with the first cluster (about 1 GB)`,
      hint: '',
    };
  }
}

function why(problem: unknown): string {
  const text = problem instanceof CommandError ? problem.result.stderr || problem.message : messageOf(problem);
  return text.trim().split('\n')[0] ?? '';
}
