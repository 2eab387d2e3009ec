import { CorefileError } from '../corefile/corefile-error.ts';
import { argsOf, durationMs, integer, unknownOption, type Mutable } from '../corefile/option-values.ts';
import { normalZone, type Directive } from '../corefile/parse-corefile.ts';

export interface KubernetesSettings {
  readonly zones: readonly string[];
  /** The first zone that is not a reverse one: what PTR records point into. */
  readonly primaryZone: string;
  /** Answer `1-2-3-4.NAMESPACE.pod.ZONE` with 1.2.3.4, whether there is such a pod or not. */
  readonly podsInsecure: boolean;
  readonly ttlS: number;
  /** Names in these zones that are not known go to the next plugin. */
  readonly fallthroughZones: readonly string[];
  readonly startupTimeoutMs: number;
  /** Where the API is; undefined: what a pod finds in its environment. */
  readonly api: ApiLocation | undefined;
}

/** Files are paths. */
export type ApiLocation =
  | { readonly kubeconfig: string }
  | { readonly endpoint: string; readonly tls: { cert: string; key: string; ca: string } | undefined };

const maxTtlS = 3_600;

/** `kubernetes [ZONES…] { … }`. Defaults are CoreDNS's. */
export function kubernetesSettings(directive: Directive, serverZones: readonly string[]): KubernetesSettings {
  const zones = directive.args.length > 0 ? directive.args.map(normalZone) : serverZones;
  const cidr = zones.find((zone) => zone.includes('/'));
  if (cidr !== undefined)
    throw new CorefileError(directive.line, `kubernetes: zone '${cidr}' is not supported; write in-addr.arpa`);
  const primaryZone = zones.find((zone) => !/(^|\.)(in-addr|ip6)\.arpa$/.test(zone));
  if (primaryZone === undefined)
    throw new CorefileError(directive.line, 'kubernetes: non-reverse zone name must be used');
  const settings: Mutable<KubernetesSettings> = {
    zones,
    primaryZone,
    podsInsecure: false,
    ttlS: 5,
    fallthroughZones: [],
    startupTimeoutMs: 5_000,
    api: undefined,
  };
  for (const option of directive.options) readOption(option, settings);
  readApi(directive.options, settings);
  return settings;
}

function readOption(option: Directive, settings: Mutable<KubernetesSettings>): void {
  switch (option.name) {
    case 'pods':
      settings.podsInsecure = podsInsecure(option);
      return;
    case 'ttl': {
      settings.ttlS = integer(option, argsOf(option, 1)[0], 0);
      if (settings.ttlS > maxTtlS) throw new CorefileError(option.line, `ttl must be in range [0, ${maxTtlS}]`);
      return;
    }
    case 'fallthrough':
      settings.fallthroughZones = option.args.length > 0 ? option.args.map(normalZone) : ['.'];
      return;
    case 'startup_timeout':
      settings.startupTimeoutMs = durationMs(option, argsOf(option, 1)[0]);
      return;
    case 'endpoint':
    case 'kubeconfig':
    case 'tls':
      return;
    default:
      throw unknownOption('kubernetes', option);
  }
}

function podsInsecure(option: Directive): boolean {
  const [mode] = argsOf(option, 1);
  if (mode === 'insecure' || mode === 'disabled') return mode === 'insecure';
  throw new CorefileError(
    option.line,
    `pods takes 'insecure' or 'disabled', not '${mode}' ('verified' is not supported)`,
  );
}

function readApi(options: readonly Directive[], settings: Mutable<KubernetesSettings>): void {
  const [kubeconfig, endpoint, tls] = ['kubeconfig', 'endpoint', 'tls'].map((name) =>
    options.findLast((option) => option.name === name),
  );
  if (kubeconfig) settings.api = { kubeconfig: argsOf(kubeconfig, 1)[0] ?? '' };
  else if (endpoint) {
    const [cert = '', key = '', ca = ''] = tls ? argsOf(tls, 3) : [];
    settings.api = { endpoint: argsOf(endpoint, 1)[0] ?? '', tls: tls && { cert, key, ca } };
  }
}
