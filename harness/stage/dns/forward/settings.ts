import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { CorefileError, normalZone, type Directive } from '../corefile.ts';
import { argsOf, durationMs, integer, readOptions } from '../options.ts';
import type { UpstreamAddress } from './connection.ts';

const defaultPort = 53;

export type ForwardSettings = ReturnType<typeof forwardSettings>;

/** `forward . UPSTREAM… { … }`. Defaults are CoreDNS's. */
export function forwardSettings(directive: Directive) {
  const [zone = '', ...to] = argsOf(directive, 2, Infinity);
  if (zone !== '.') throw new CorefileError(directive.line, `forward takes everything ('.'), not '${zone}'`);
  const settings = {
    upstreams: to.flatMap((one) => readUpstreams(directive, one)),
    forceTcp: false,
    /** After more failed health checks in a row than this an upstream is down; 0: it never is. */
    maxFails: 2,
    healthCheck: { intervalMs: 500, domain: '.' },
    /** Answer SERVFAIL when all upstreams are down, instead of trying any of them. */
    failfast: false,
    /** How many queries may be under way; 0: any number. */
    maxConcurrent: 0,
  };
  readOptions(directive, {
    force_tcp: (option) => {
      argsOf(option, 0);
      settings.forceTcp = true;
    },
    failfast_all_unhealthy_upstreams: (option) => {
      argsOf(option, 0);
      settings.failfast = true;
    },
    max_fails: (option) => {
      settings.maxFails = integer(option, 0);
    },
    max_concurrent: (option) => {
      settings.maxConcurrent = integer(option, 0);
    },
    // `health_check INTERVAL [domain NAME]`.
    health_check: (option) => {
      const [interval, word = 'domain', domain = '.'] = argsOf(option, 1, 3);
      if (word !== 'domain') throw new CorefileError(option.line, `health_check: unknown option '${word}'`);
      settings.healthCheck = { intervalMs: durationMs(option, interval), domain: normalZone(domain) };
    },
  });
  return settings;
}

/** `10.96.0.10`, `10.96.0.10:53`, or a file such as /etc/resolv.conf. */
function readUpstreams({ line }: Directive, text: string): UpstreamAddress[] {
  const [, host = text, port = String(defaultPort)] = /^([\d.]+):(\d+)$/.exec(text) ?? [];
  if (isIP(host) !== 0) return [{ host, port: Number(port) }];
  let file: string;
  try {
    file = readFileSync(text, 'utf8');
  } catch {
    throw new CorefileError(line, `forward: '${text}' is neither an IP address nor a file that can be read`);
  }
  const hosts = Array.from(file.matchAll(/^nameserver[ \t]+(\S+)/gm), ([, one = '']) => one);
  const addresses = hosts.filter((one) => isIP(one) !== 0);
  if (addresses.length === 0) throw new CorefileError(line, `forward: no nameserver in '${text}'`);
  return addresses.map((one) => ({ host: one, port: defaultPort }));
}
