import type { Random } from '../../core/random.ts';
import type { Handler } from './plugin.ts';

const addressTypes = ['A', 'AAAA'];

/** Puts the addresses of answers into random order, behind aliases and everything else. */
export function loadBalance(random: Pick<Random, 'next'>, next: Handler): Handler {
  return async (query) => {
    const reply = await next(query);
    const ranked = reply.answers.map((record) => ({
      record,
      rank: addressTypes.includes(record.type) ? random.next() : -1,
    }));
    return { ...reply, answers: ranked.toSorted((one, other) => one.rank - other.rank).map(({ record }) => record) };
  };
}
