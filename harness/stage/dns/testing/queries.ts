import { encode, type RecordType } from 'dns-packet';
import { authoritative, type Query, type Reply } from '../plugin.ts';
import { readQuery } from '../wire/read-query.ts';

/** A query as a client sends it by UDP. */
export function queryFor(name: string, type: RecordType = 'A', transport: 'udp' | 'tcp' = 'udp'): Query {
  const query = readQuery(encode({ type: 'query', id: 1, flags: 0x0100, questions: [{ name, type }] }), transport);
  if (!query || Buffer.isBuffer(query)) throw new Error(`${name} is no name`);
  return query;
}

/** A reply with one address. */
export function addressReply(name: string, data: string, ttl: number): Reply {
  return authoritative('forward', { authoritative: false, answers: [{ type: 'A', class: 'IN', name, ttl, data }] });
}

/** A reply with an SOA record. */
export function soaReply(rcode: number, ttl: number): Reply {
  const data = { mname: 'ns.example.org', rname: 'root.example.org', minimum: ttl };
  return authoritative('forward', {
    rcode,
    authorities: [{ type: 'SOA', class: 'IN', name: 'example.org', ttl, data }],
  });
}
