import type { KubeObject } from '../../client/types.ts';

/** A PriorityLevelConfiguration, with its seats counted out. */
export interface LevelConfiguration {
  readonly name: string;
  readonly uid: string;
  /** Seats; Infinity for an exempt level. */
  readonly limit: number;
  /** Seats that one request may have. */
  readonly mostSeats: number;
  readonly queues: number;
  readonly handSize: number;
  /** 0 for a level that rejects what finds no seat, and for an exempt one. */
  readonly queueLengthLimit: number;
}

interface LevelSpec {
  type?: unknown;
  limited?: {
    nominalConcurrencyShares?: number;
    limitResponse?: {
      type?: unknown;
      queuing?: { queues?: number; handSize?: number; queueLengthLimit?: number };
    };
  };
}

/**
 * Shares out the server's seats: ceil(total × shares / all shares), at least one. Levels do not lend each other seats, so this
 * nominal limit is also the current one; `lendablePercent` and `borrowingLimitPercent` are not read.
 */
export function shareOut(levels: readonly KubeObject[], totalSeats: number): LevelConfiguration[] {
  const allShares = levels.reduce((sum, level) => sum + sharesOf(specOf(level)), 0);
  return levels.map((level) => {
    const spec = specOf(level);
    const limit =
      spec.type === 'Exempt' ? Infinity : Math.max(1, Math.ceil((totalSeats * sharesOf(spec)) / (allShares || 1)));
    const name = { name: level.metadata.name, uid: level.metadata.uid ?? '' };
    const response = spec.limited?.limitResponse;
    if (spec.type === 'Exempt' || response?.type !== 'Queue') {
      return { ...name, limit, mostSeats: Infinity, queues: 1, handSize: 1, queueLengthLimit: 0 };
    }
    // The defaults are those that the real server fills in.
    const { queues, handSize, queueLengthLimit } = response.queuing ?? {};
    const deck = atLeastOne(queues, 64);
    // The real server refuses larger hands than these.
    const hand = Math.min(atLeastOne(handSize, 8), deck, 60);
    return {
      ...name,
      limit,
      mostSeats: Math.max(1, Math.min(Math.ceil(0.15 * limit), Math.floor(limit / hand))),
      queues: deck,
      handSize: hand,
      queueLengthLimit: atLeastOne(queueLengthLimit, 50),
    };
  });
}

/** Users may have written it, so nothing is taken for granted. */
function specOf(level: KubeObject): LevelSpec {
  return level['spec'] ?? {};
}

function sharesOf({ type, limited }: LevelSpec): number {
  if (type === 'Exempt') return 0;
  const shares = limited?.nominalConcurrencyShares;
  return isInt32(shares) && shares >= 0 ? shares : 30;
}

function atLeastOne(value: unknown, otherwise: number): number {
  return isInt32(value) && value >= 1 ? value : otherwise;
}

function isInt32(value: unknown): value is number {
  return typeof value === 'number' && value === (value | 0);
}
