import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

/** A container that cannot be started; `reason` is what its status says. */
export class ContainerProblem extends Error {
  readonly reason: 'ErrImagePull' | 'CreateContainerConfigError' | 'StartError';

  constructor(reason: ContainerProblem['reason'], message: string) {
    super(message);
    this.reason = reason;
  }
}

/** A program that stands for the images whose names begin with one of `images`. */
export interface Program {
  readonly images: readonly string[];
  /** What `command` may begin with; without `command` the program is started all the same. */
  readonly names: readonly string[];
  /** The real argv; the arguments follow, unless `takesArguments` is false. */
  readonly argv: readonly string[];
  readonly takesArguments?: boolean;
}

const stage = resolve(import.meta.dirname, '..');

/** A program of the stage itself. The semi-space grows only under load, so a small limit keeps idle programs small. */
function stageProgram(images: readonly string[], name: string, main: string, flags: readonly string[]): Program {
  const argv = [process.execPath, '--disable-warning=ExperimentalWarning', ...flags, resolve(stage, main)];
  return { images, names: [name, `/${name}`, `/usr/local/bin/${name}`], argv };
}

const small = ['--max-semi-space-size=2'];

/** Every image that a node of the stage has. */
export const stagePrograms: readonly Program[] = [
  stageProgram(['registry.k8s.io/kube-apiserver'], 'kube-apiserver', 'api/main.ts', []),
  stageProgram(['registry.k8s.io/kube-controller-manager'], 'kube-controller-manager', 'controllers/main.ts', small),
  stageProgram(['registry.k8s.io/coredns/coredns', 'coredns/coredns'], 'coredns', 'dns/main.ts', small),
  {
    images: ['node'],
    names: ['node', '/usr/local/bin/node'],
    argv: [process.execPath, '--import', pathToFileURL(resolve(import.meta.dirname, 'end-with-stdin.js')).href],
  },
  {
    // Sleeps until its standard input closes.
    images: ['registry.k8s.io/pause', 'gcr.io/google-containers/pause', 'k8s.gcr.io/pause'],
    names: ['/pause'],
    argv: ['cat'],
    takesArguments: false,
  },
];

/** The program of an image. Throws a ContainerProblem when there is no such image. */
export function findProgram(programs: readonly Program[], image: string): Program {
  const name = repository(image);
  const program = programs.find(({ images }) => images.includes(name));
  if (program) return program;
  const known = programs.flatMap(({ images }) => images).join(', ');
  throw new ContainerProblem('ErrImagePull', `image "${image}" is not on this stage, which has: ${known}`);
}

/** The argv of a container. Throws a ContainerProblem for a command that the image does not have. */
export function programArgv(
  { names, argv, takesArguments = true }: Program,
  command: readonly string[],
  args: readonly string[],
): readonly string[] {
  const words = [...command, ...args];
  const isNamed = names.includes(words[0] ?? '');
  if (command.length > 0 && !isNamed) {
    throw new ContainerProblem(
      'StartError',
      `exec: "${command[0]}" is not in the image, which has: ${names.join(', ')}`,
    );
  }
  return takesArguments ? [...argv, ...(isNamed ? words.slice(1) : words)] : argv;
}

/** `docker.io/library/node:24-slim@sha256:…` is `node`. */
function repository(image: string): string {
  return image
    .replace(/@.*$/, '')
    .replace(/:[^:/]*$/, '')
    .replace(/^docker\.io\/(library\/)?/, '');
}
