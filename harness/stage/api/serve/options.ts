import { parseArgs } from 'node:util';

/** What the flags of the API server say. */
export interface ServerOptions {
  /** Where it listens, and what the Service `kubernetes` leads to. */
  readonly address: string;
  /** 0: any free one. */
  readonly port: number;
  /** With `pki/`, `store.sqlite` and `nodes/`. */
  readonly dataDir: string;
  readonly serviceRange: string;
  readonly maxRequestsInflight: number;
  readonly maxMutatingInflight: number;
  readonly priorityAndFairness: boolean;
  readonly admitsServiceAccounts: boolean;
  readonly requestTimeoutMs: number;
  /** How many changes, of all kinds together, watches and paged lists can go back. */
  readonly keptChanges: number;
}

/** Named like those of kube-apiserver, and with its defaults. */
const flags = {
  'advertise-address': { type: 'string' },
  'secure-port': { type: 'string', default: '6443' },
  'data-dir': { type: 'string' },
  'service-cluster-ip-range': { type: 'string' },
  'max-requests-inflight': { type: 'string', default: '400' },
  'max-mutating-requests-inflight': { type: 'string', default: '200' },
  'enable-priority-and-fairness': { type: 'string', default: 'true' },
  'disable-admission-plugins': { type: 'string', default: '' },
  // A few MB of memory; minutes of an ordinary cluster's life.
  'default-watch-cache-size': { type: 'string', default: '4000' },
  'request-timeout': { type: 'string', default: '1m' },
} as const;

type NumberFlag =
  'secure-port' | 'max-requests-inflight' | 'max-mutating-requests-inflight' | 'default-watch-cache-size';

/** Throws an Error with a sentence for whoever typed the flags. */
export function readOptions(args: readonly string[]): ServerOptions {
  const { values } = parseArgs({ args: [...args], options: flags });
  const required = (name: 'advertise-address' | 'data-dir' | 'service-cluster-ip-range'): string => {
    const value = values[name];
    if (value === undefined) throw new Error(`--${name} is required`);
    return value;
  };
  const number = (name: NumberFlag): number => {
    if (!/^\d+$/.test(values[name])) throw new Error(`--${name} must be a number; got ${values[name]}`);
    return Number(values[name]);
  };
  const plugins = values['disable-admission-plugins'].split(',').filter((plugin) => plugin !== '');
  const unknown = plugins.find((plugin) => plugin !== 'ServiceAccount');
  if (unknown !== undefined) throw new Error(`--disable-admission-plugins can only be ServiceAccount; got ${unknown}`);
  return {
    address: required('advertise-address'),
    port: number('secure-port'),
    dataDir: required('data-dir'),
    serviceRange: required('service-cluster-ip-range'),
    maxRequestsInflight: number('max-requests-inflight'),
    maxMutatingInflight: number('max-mutating-requests-inflight'),
    priorityAndFairness: readFlag(values['enable-priority-and-fairness']),
    admitsServiceAccounts: plugins.length === 0,
    requestTimeoutMs: readDuration(values['request-timeout']),
    keptChanges: Math.max(1, number('default-watch-cache-size')),
  };
}

function readFlag(text: string): boolean {
  if (text !== 'true' && text !== 'false')
    throw new Error(`--enable-priority-and-fairness must be true or false; got ${text}`);
  return text === 'true';
}

function readDuration(text: string): number {
  const [, hours = '0', minutes = '0', seconds = '0'] = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(text) ?? [];
  const ms = (Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds)) * 1_000;
  if (ms === 0) throw new Error(`--request-timeout must be a duration like 1m0s; got ${text}`);
  return ms;
}
