import { parseArgs } from 'node:util';

/** What the flags of the API server say. */
export interface ServerOptions {
  /** Where it listens, and what the Service `kubernetes` leads to. */
  readonly address: string;
  /** 0: any free one. */
  readonly port: number;
  /** With `pki/`, `store.sqlite` and `nodes/`. */
  readonly dataDir: string;
  /** Of the addresses that Services get: `127.16.200.`. */
  readonly servicePrefix: string;
  readonly maxRequestsInflight: number;
  readonly maxMutatingInflight: number;
  readonly priorityAndFairness: boolean;
  /** Whether the Service `kubernetes` leads to it as well. */
  readonly registers: boolean;
  /** How many changes, of all kinds together, watches and paged lists can go back. */
  readonly keptChanges: number;
}

/** Named like those of kube-apiserver, and with its defaults. */
const flags = {
  'advertise-address': { type: 'string', default: '' },
  'secure-port': { type: 'string', default: '6443' },
  'data-dir': { type: 'string', default: '' },
  'service-cluster-ip-range': { type: 'string', default: '' },
  'max-requests-inflight': { type: 'string', default: '400' },
  'max-mutating-requests-inflight': { type: 'string', default: '200' },
  'endpoint-reconciler-type': { type: 'string', default: 'lease' },
  'enable-priority-and-fairness': { type: 'string', default: 'true' },
} as const;

/** Throws an Error with a sentence for whoever typed the flags. */
export function readOptions(args: readonly string[]): ServerOptions {
  const { values } = parseArgs({ args: [...args], options: flags });
  const read = (name: keyof typeof flags, form: RegExp, wording: string): string => {
    const [, part] = form.exec(values[name]) ?? [];
    if (part !== undefined) return part;
    throw new Error(
      values[name] === '' ? `--${name} is required` : `--${name} must be ${wording}; got ${values[name]}`,
    );
  };
  const number = (name: keyof typeof flags): number => Number(read(name, /^(\d+)$/, 'a number'));
  return {
    address: read('advertise-address', /^(.+)$/, 'an address'),
    port: number('secure-port'),
    dataDir: read('data-dir', /^(.+)$/, 'a folder'),
    servicePrefix: read('service-cluster-ip-range', /^(\d+\.\d+\.\d+\.)0\/24$/, 'a range A.B.C.0/24'),
    maxRequestsInflight: number('max-requests-inflight'),
    maxMutatingInflight: number('max-mutating-requests-inflight'),
    priorityAndFairness: read('enable-priority-and-fairness', /^(true|false)$/, 'true or false') === 'true',
    registers: read('endpoint-reconciler-type', /^(lease|none)$/, 'lease or none') === 'lease',
    // A few MB of memory; minutes of an ordinary cluster's life.
    keptChanges: 4_000,
  };
}
