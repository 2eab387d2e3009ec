import { basename, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Container, PodSpec } from './pod.ts';

/** A container that cannot be started; `reason` is what its status says. */
export class ContainerProblem extends Error {
  readonly reason: 'ErrImagePull' | 'CreateContainerConfigError' | 'RunContainerError';

  constructor(reason: ContainerProblem['reason'], message: string) {
    super(message);
    this.reason = reason;
  }
}

/** A program that stands for some images. */
export interface Program {
  /** Without registry `docker.io` and without tag. */
  readonly images: readonly string[];
  /** The only thing that `command` may begin with, in any folder. */
  readonly name: string;
  /** The real argv; the arguments follow. */
  readonly argv: readonly string[];
}

const here = import.meta.dirname;

/** A program of the stage itself. */
function stageProgram(images: readonly string[], name: string, main: string, ...flags: readonly string[]): Program {
  const argv = [process.execPath, '--disable-warning=ExperimentalWarning', ...flags, resolve(here, '..', main)];
  return { images, name, argv };
}

/** The semi-space grows only under load, so a small limit keeps idle programs small. */
const small = '--max-semi-space-size=2';

/** Every image that a node of the stage has. */
export const stagePrograms: readonly Program[] = [
  stageProgram(['registry.k8s.io/kube-apiserver'], 'kube-apiserver', 'api/main.ts'),
  stageProgram(['registry.k8s.io/kube-controller-manager'], 'kube-controller-manager', 'controllers/main.ts', small),
  stageProgram(['registry.k8s.io/coredns/coredns', 'coredns/coredns'], 'coredns', 'dns/main.ts', small),
  {
    images: ['node'],
    name: 'node',
    argv: [process.execPath, '--import', pathToFileURL(resolve(here, 'end-with-stdin.js')).href],
  },
  {
    // Sleeps until its standard input closes, whatever its arguments are.
    images: ['registry.k8s.io/pause', 'gcr.io/google-containers/pause'],
    name: 'pause',
    argv: ['/bin/sh', '-c', 'exec cat'],
  },
];

/** What a pod or a container may ask for and this stage does not have. */
const unknown = ['initContainers', 'envFrom', 'lifecycle', 'startupProbe', 'workingDir'];

/** Throws a ContainerProblem: better not started than started without something that was asked for. */
export function refuseUnknown(spec: PodSpec, container: Container): void {
  const asked = { restartPolicy: 'Always', ...spec, ...container };
  const field = unknown.find((one) => one in asked) ?? (asked.restartPolicy !== 'Always' && 'restartPolicy but Always');
  if (field) throw new ContainerProblem('CreateContainerConfigError', `this stage has no ${field}`);
}

/** The argv of a container. Throws a ContainerProblem when there is no such image, or no such command in it. */
export function programArgv(
  programs: readonly Program[],
  image: string,
  command: readonly string[],
  args: readonly string[],
): readonly string[] {
  const repository = repositoryOf(image);
  const program = programs.find(({ images }) => images.includes(repository));
  if (!program) {
    const known = programs.flatMap(({ images }) => images).join(', ');
    throw new ContainerProblem('ErrImagePull', `image "${image}" is not on this stage, which has: ${known}`);
  }
  const { name, argv } = program;
  const words = [...command, ...args];
  const isNamed = basename(words[0] ?? '') === name;
  if (command.length > 0 && !isNamed) {
    throw new ContainerProblem('RunContainerError', `exec: "${command[0]}" is not in the image, which has: ${name}`);
  }
  return [...argv, ...words.slice(isNamed ? 1 : 0)];
}

/** `docker.io/library/node:24-slim@sha256:…` is `node`. */
function repositoryOf(image: string): string {
  return image
    .replace(/@.*$/, '')
    .replace(/:[^:/]*$/, '')
    .replace(/^docker\.io\/(library\/)?/, '');
}
