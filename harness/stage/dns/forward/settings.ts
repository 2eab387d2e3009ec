import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { CorefileError } from '../corefile/corefile-error.ts';
import { argsOf, durationMs, integer, unknownOption, type Mutable } from '../corefile/option-values.ts';
import { normalZone, type Directive } from '../corefile/parse-corefile.ts';
import type { UpstreamAddress } from './connection.ts';

export interface ForwardSettings {
  /** Names in this zone are forwarded. */
  readonly zone: string;
  readonly exceptZones: readonly string[];
  readonly upstreams: readonly UpstreamAddress[];
  readonly forceTcp: boolean;
  /** After more failed health checks in a row than this an upstream is down; 0: it never is. */
  readonly maxFails: number;
  readonly healthCheck: { readonly intervalMs: number; readonly domain: string; readonly recursionDesired: boolean };
  /** Answer SERVFAIL when all upstreams are down, instead of trying any of them. */
  readonly failfast: boolean;
  /** How long a connection may be idle. */
  readonly expireMs: number;
  /** How many queries may be under way; 0: any number. */
  readonly maxConcurrent: number;
  readonly policy: 'random' | 'sequential';
}

const maxUpstreams = 15;
const defaultPort = 53;

/** `forward ZONE UPSTREAM… { … }`. Defaults are CoreDNS's. */
export function forwardSettings(directive: Directive): ForwardSettings {
  const [zone = '', ...to] = argsOf(directive, 2, Infinity);
  const settings: Mutable<ForwardSettings> = {
    zone: normalZone(zone),
    exceptZones: [],
    upstreams: to.flatMap((one) => readUpstreams(directive, one)),
    forceTcp: false,
    maxFails: 2,
    healthCheck: { intervalMs: 500, domain: '.', recursionDesired: true },
    failfast: false,
    expireMs: 10_000,
    maxConcurrent: 0,
    policy: 'random',
  };
  if (settings.upstreams.length > maxUpstreams) {
    throw new CorefileError(
      directive.line,
      `forward takes at most ${maxUpstreams} upstreams, not ${settings.upstreams.length}`,
    );
  }
  for (const option of directive.options) readOption(option, settings);
  return settings;
}

function readOption(option: Directive, settings: Mutable<ForwardSettings>): void {
  const [first] = option.args;
  switch (option.name) {
    case 'except':
      settings.exceptZones = argsOf(option, 1, Infinity).map(normalZone);
      return;
    case 'force_tcp':
      argsOf(option, 0);
      settings.forceTcp = true;
      return;
    case 'max_fails':
      settings.maxFails = integer(option, argsOf(option, 1)[0], 0);
      return;
    case 'health_check':
      settings.healthCheck = readHealthCheck(option);
      return;
    case 'failfast_all_unhealthy_upstreams':
      argsOf(option, 0);
      settings.failfast = true;
      return;
    case 'expire':
      settings.expireMs = durationMs(option, argsOf(option, 1)[0]);
      return;
    case 'max_concurrent':
      settings.maxConcurrent = integer(option, argsOf(option, 1)[0], 0);
      return;
    case 'policy':
      if (first !== 'random' && first !== 'sequential') {
        throw new CorefileError(option.line, `policy takes 'random' or 'sequential', not '${first}'`);
      }
      settings.policy = first;
      return;
    default:
      throw unknownOption('forward', option);
  }
}

/** `health_check INTERVAL [no_rec] [domain NAME]`. */
function readHealthCheck(option: Directive): ForwardSettings['healthCheck'] {
  const [interval, ...rest] = argsOf(option, 1, Infinity);
  const intervalMs = durationMs(option, interval);
  let domain = '.';
  let recursionDesired = true;
  while (rest.length > 0) {
    const word = rest.shift();
    if (word === 'no_rec') recursionDesired = false;
    else if (word === 'domain' && rest[0] !== undefined) domain = normalZone(rest.shift() ?? '');
    else throw new CorefileError(option.line, `health_check: unknown option '${word}'`);
  }
  return { intervalMs, domain, recursionDesired };
}

/** `10.96.0.10`, `10.96.0.10:53`, `[::1]:53`, `dns://…`, or a file such as /etc/resolv.conf. */
function readUpstreams({ line }: Directive, text: string): UpstreamAddress[] {
  const address = text.replace(/^dns:\/\//, '');
  if (isIP(address) !== 0) return [{ host: address, port: defaultPort }];
  const match = /^\[?([^\]]+)\]?:(\d+)$/.exec(address);
  if (match?.[1] !== undefined && isIP(match[1]) !== 0) return [{ host: match[1], port: Number(match[2]) }];
  let file: string;
  try {
    file = readFileSync(text, 'utf8');
  } catch {
    throw new CorefileError(line, `forward: '${text}' is neither an IP address nor a file that can be read`);
  }
  const hosts = Array.from(file.matchAll(/^nameserver[ \t]+(\S+)/gm), ([, host = '']) => host).filter(
    (host) => isIP(host) !== 0,
  );
  if (hosts.length === 0) throw new CorefileError(line, `forward: no nameserver in '${text}'`);
  return hosts.map((host) => ({ host, port: defaultPort }));
}
