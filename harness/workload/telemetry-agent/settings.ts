import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseConfig, type AgentConfig } from './config.ts';

export interface AgentSettings {
  readonly config: AgentConfig;
  /** The API server's own address: kube-proxy is not part of the game. */
  readonly apiServer: string;
  readonly account: ServiceAccount;
  readonly pod: string;
  readonly node: string;
  readonly podAddress: string;
  /** 0: a free one. */
  readonly metricsPort: number;
  /** The node's prober, which is told what we did. */
  readonly prober: { readonly host: string; readonly port: number };
}

interface ServiceAccount {
  readonly ca: string;
  /** Read anew each time: the kubelet renews it in place. */
  token(): string;
}

type Env = Readonly<Record<string, string | undefined>>;

const accountFolder = '/var/run/secrets/kubernetes.io/serviceaccount';

/** Reads the environment. Every problem is told at once, in words for the log. */
export function readSettings(env: Env): { readonly settings: AgentSettings } | { readonly problems: string[] } {
  const problems: string[] = [];
  const config = configOf(env, problems);
  const text = (name: string): string => {
    const value = env[name] ?? '';
    if (value === '') problems.push(`${name} is missing`);
    return value;
  };
  const settings: AgentSettings = {
    config,
    apiServer: text('API_SERVER'),
    account: accountOf(env['SA_DIR'] ?? accountFolder, problems),
    pod: text('POD_NAME'),
    node: text('NODE_NAME'),
    podAddress: text('POD_IP'),
    metricsPort: port('METRICS_PORT', env['METRICS_PORT'] ?? '9600', problems),
    prober: { host: text('HOST_IP'), port: port('PROBER_PORT', text('PROBER_PORT'), problems) },
  };
  const { apiServer } = settings;
  if (apiServer !== '' && !(URL.canParse(apiServer) && new URL(apiServer).protocol === 'https:')) {
    problems.push(`API_SERVER must be an https address; it is '${apiServer}'`);
  }
  return problems.length === 0 ? { settings } : { problems };
}

function configOf(env: Env, problems: string[]): AgentConfig {
  const found: string[] = [];
  const config = parseConfig(env['AGENT_CONFIG'] ?? '', found);
  problems.push(...found.map((problem) => `AGENT_CONFIG: ${problem}`));
  return config;
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

function port(name: string, value: string, problems: string[]): number {
  const number = Number(value);
  if (value !== '' && !(Number.isInteger(number) && number >= 0 && number < 65_536)) {
    problems.push(`${name} must be a port; it is '${value}'`);
  }
  return number;
}
