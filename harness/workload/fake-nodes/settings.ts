import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface FakeNodesSettings {
  readonly wanted: Wanted;
  readonly apiServer: string;
  readonly account: ServiceAccount;
  readonly podAddress: string;
  /** 0: a free one. */
  readonly port: number;
}

/** FAKE_CONFIG. */
export interface Wanted {
  readonly nodes: number;
  readonly podsPerNode: number;
  /** About so many bytes of JSON has a pod, as the API server gives it. Default 4,500: pods of real clusters. */
  readonly podBytes: number;
}

export interface ServiceAccount {
  readonly ca: string;
  /** Read anew each time: the kubelet renews it in place. */
  readonly token: () => string;
}

/** More would not fit into the memory of any machine that runs this. */
const maxPods = 200_000;

type Env = Readonly<Record<string, string | undefined>>;

const accountFolder = '/var/run/secrets/kubernetes.io/serviceaccount';
const ranges: Readonly<Record<keyof Wanted, { from: number; to: number; fallback?: number }>> = {
  nodes: { from: 1, to: 9_999 },
  podsPerNode: { from: 0, to: 500 },
  // An annotation may have 256 KB.
  podBytes: { from: 0, to: 200_000, fallback: 4_500 },
};

/** Reads the environment. Every problem is told at once, in words for the log. */
export function readSettings(env: Env): { readonly settings: FakeNodesSettings } | { readonly problems: string[] } {
  const problems: string[] = [];
  const { API_SERVER: apiServer = '', POD_IP: podAddress = '' } = env;
  if (!URL.canParse(apiServer) || new URL(apiServer).protocol !== 'https:') {
    problems.push(`API_SERVER must be an https address; it is '${apiServer}'`);
  }
  if (podAddress === '') problems.push('POD_IP is missing');
  const port = Number(env['PORT'] ?? 9610);
  if (!(Number.isInteger(port) && port >= 0 && port < 65_536)) problems.push(`PORT must be a port; it is '${port}'`);
  const wanted = parseWanted(env['FAKE_CONFIG'] ?? '', problems);
  const account = accountOf(env['SA_DIR'] ?? accountFolder, problems);
  return problems.length === 0 ? { settings: { wanted, apiServer, account, podAddress, port } } : { problems };
}

function parseWanted(text: string, problems: string[]): Wanted {
  let given: Readonly<Record<string, unknown>> = {};
  try {
    given = { ...(JSON.parse(text) as object) };
  } catch {
    problems.push('FAKE_CONFIG is not JSON');
  }
  const number = (name: keyof Wanted): number => {
    const { from, to, fallback } = ranges[name];
    const value = given[name] ?? fallback;
    if (typeof value === 'number' && Number.isInteger(value) && value >= from && value <= to) return value;
    const found = JSON.stringify(value) ?? 'missing';
    problems.push(`FAKE_CONFIG: ${name} must be a whole number from ${from} to ${to}; it is ${found}`);
    return from;
  };
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(ranges, name)) problems.push(`FAKE_CONFIG: ${name} is unknown`);
  }
  const wanted = { nodes: number('nodes'), podsPerNode: number('podsPerNode'), podBytes: number('podBytes') };
  const pods = wanted.nodes * wanted.podsPerNode;
  if (pods > maxPods) problems.push(`FAKE_CONFIG: ${pods} pods are too many; there may be ${maxPods}`);
  return wanted;
}

function accountOf(folder: string, problems: string[]): ServiceAccount {
  const read = (name: string): string => readFileSync(join(folder, name), 'utf8').trim();
  const account = { ca: '', token: () => read('token') };
  try {
    account.token();
    return { ...account, ca: read('ca.crt') };
  } catch (problem) {
    problems.push(`SA_DIR has no service account: ${problem instanceof Error ? problem.message : String(problem)}`);
    return account;
  }
}
