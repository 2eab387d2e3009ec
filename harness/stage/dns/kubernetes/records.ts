import { isIPv4, isIPv6 } from 'node:net';
import { isWithin, type Query, type Reply, type ResourceRecord } from '../plugin.ts';
import type { KubernetesSettings } from './settings.ts';
import type { ClusterStore } from './store.ts';
import { findTargets, namesOf, reverseAddress, type Target } from './targets.ts';

export interface RecordsContext {
  readonly settings: KubernetesSettings;
  readonly store: ClusterStore;
  /** Asks this server itself; for external names. Undefined when nothing came of it. */
  readonly lookUp: (query: Query, name: string) => Promise<Reply | undefined>;
}

/** Undefined: there is no such name; no answers: it exists, without records of that type. */
export type Found = Pick<Reply, 'answers' | 'additionals'> | undefined;

interface Zone {
  /** In lower case. */
  readonly key: string;
  /** As the client wrote it: answers repeat it so. */
  readonly asked: string;
}

const none = { answers: [], additionals: [] };
/** Of the Kubernetes DNS specification. */
const dnsVersion = { text: '1.1.0', ttlS: 28_800 };
const totalWeight = 100;
const maxCnames = 10;
const wellFormedName = /^(?=.{1,253}$)[^.]{1,63}(\.[^.]{1,63})*$/;

/** The records of one zone of a cluster. */
export class ZoneRecords {
  readonly #context: RecordsContext;
  readonly #zone: Zone;

  constructor(context: RecordsContext, zone: Zone) {
    this.#context = context;
    this.#zone = zone;
  }

  async find(query: Query): Promise<Found> {
    const isApex = query.key === this.#zone.key;
    const targets = this.#targets(query.key);
    switch (query.type) {
      case 'A':
      case 'AAAA': {
        const answers = targets && (await this.#addresses(query, query.name, targets, []));
        return answers && { ...none, answers };
      }
      case 'SRV':
        return targets && this.#services(query, targets);
      case 'PTR':
        return this.#pointers(query, targets);
      case 'CNAME': {
        const [target] = targets ?? [];
        const isAlias = target !== undefined && !isAddress(target.host);
        return targets && { ...none, answers: isAlias ? [this.#record(query.name, 'CNAME', target.host)] : [] };
      }
      case 'TXT':
        if (query.key !== `dns-version.${this.#zone.key}`) return targets?.length ? none : undefined;
        return { ...none, answers: [{ ...common(query.name, dnsVersion.ttlS), type: 'TXT', data: dnsVersion.text }] };
      case 'SOA':
        // Without a look whether there is such a name: as CoreDNS does it.
        return isApex ? { ...none, answers: [this.soa()] } : none;
      default:
        return targets && none;
    }
  }

  soa(): ResourceRecord {
    const { settings, store } = this.#context;
    return {
      ...common(this.#zone.asked, settings.ttlS),
      type: 'SOA',
      data: {
        mname: this.#inZone('ns.dns'),
        rname: this.#inZone('hostmaster'),
        serial: store.modifiedS,
        refresh: 7_200,
        retry: 1_800,
        expire: 86_400,
        minimum: settings.ttlS,
      },
    };
  }

  #targets(key: string): Target[] | undefined {
    const { settings, store } = this.#context;
    const zone = this.#zone.key;
    const name = zone === '.' ? key : key.slice(0, -zone.length).replace(/\.$/, '');
    return findTargets(store, name, settings.podsInsecure);
  }

  /** Addresses, and for an external service its name with whatever is known of that. */
  async #addresses(
    query: Query,
    owner: string,
    targets: readonly Target[],
    aliases: readonly string[],
  ): Promise<ResourceRecord[]> {
    const isWanted = query.type === 'A' ? isIPv4 : isIPv6;
    const records: ResourceRecord[] = unique(targets.map(({ host }) => host).filter(isWanted)).map((host) =>
      this.#address(owner, host),
    );
    for (const { host } of targets) {
      const key = host.toLowerCase();
      const isLoop = isWithin(owner.toLowerCase(), key) || aliases.includes(key) || aliases.length > maxCnames;
      if (isAddress(host) || isLoop || !wellFormedName.test(host)) continue;
      const more = isWithin(this.#zone.key, key)
        ? await this.#addresses(query, host, this.#targets(key) ?? [], [...aliases, key])
        : (await this.#context.lookUp(query, host))?.answers;
      if (more === undefined || (more.length === 0 && isWithin(this.#zone.key, key))) continue;
      records.push(this.#record(owner, 'CNAME', host), ...more);
    }
    return records;
  }

  #services(query: Query, targets: readonly Target[]): Found {
    const internal = targets.filter(({ host }) => isAddress(host));
    const weight = Math.max(1, Math.floor(totalWeight / internal.length));
    const withPort = internal.filter(({ port }) => port !== -1);
    const byPort = uniqueBy(withPort, ({ name, port }) => `${name}:${port}`);
    const byAddress = uniqueBy(withPort, ({ name, host }) => `${name} ${host}`);
    return {
      answers: byPort.map(({ name, port }) => ({
        ...common(query.name, this.#context.settings.ttlS),
        type: 'SRV',
        data: { priority: 0, weight, port, target: this.#inZone(name) },
      })),
      additionals: byAddress.map(({ name, host }) => this.#address(this.#inZone(name), host)),
    };
  }

  #pointers(query: Query, targets: readonly Target[] | undefined): Found {
    const { store, settings } = this.#context;
    const ip = reverseAddress(query.key);
    if (ip === undefined) return targets && none;
    const names = unique(namesOf(store.index, ip)).map((name) => `${name}.${settings.primaryZone}`);
    return names.length === 0
      ? undefined
      : { ...none, answers: names.map((name) => this.#record(query.name, 'PTR', name)) };
  }

  #inZone(name: string): string {
    return this.#zone.asked === '.' ? name : `${name}.${this.#zone.asked}`;
  }

  #record(owner: string, type: 'CNAME' | 'PTR', data: string): ResourceRecord {
    return { ...common(owner, this.#context.settings.ttlS), type, data };
  }

  #address(owner: string, data: string): ResourceRecord {
    return { ...common(owner, this.#context.settings.ttlS), type: isIPv4(data) ? 'A' : 'AAAA', data };
  }
}

function common(name: string, ttl: number): { name: string; class: 'IN'; ttl: number } {
  return { name, class: 'IN', ttl };
}

function isAddress(host: string): boolean {
  return isIPv4(host) || isIPv6(host);
}

function unique(items: readonly string[]): string[] {
  return [...new Set(items)];
}

function uniqueBy<T>(items: readonly T[], keyOf: (item: T) => string): T[] {
  return [...new Map(items.toReversed().map((item) => [keyOf(item), item])).values()].toReversed();
}
