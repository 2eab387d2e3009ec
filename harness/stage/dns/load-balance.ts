import type { Random } from '../../core/random.ts';
import { rcodes, type Handler, type ResourceRecord } from './plugin.ts';

/** Puts the addresses of good answers into random order, behind aliases and everything else. */
export function loadBalance(random: Pick<Random, 'next'>, next: Handler): Handler {
  return async (query) => {
    const reply = await next(query);
    if (reply.rcode !== rcodes.NOERROR) return reply;
    return {
      ...reply,
      answers: shuffleAddresses(reply.answers, random),
      additionals: shuffleAddresses(reply.additionals, random),
    };
  };
}

function shuffleAddresses(records: readonly ResourceRecord[], random: Pick<Random, 'next'>): ResourceRecord[] {
  const rest = records.filter((record) => !isAddress(record));
  const addresses = records
    .filter(isAddress)
    .map((record) => ({ record, rank: random.next() }))
    .toSorted((one, other) => one.rank - other.rank)
    .map(({ record }) => record);
  return [...rest.filter(({ type }) => type === 'CNAME'), ...rest.filter(({ type }) => type !== 'CNAME'), ...addresses];
}

function isAddress({ type }: ResourceRecord): boolean {
  return type === 'A' || type === 'AAAA';
}
