import { decode } from 'dns-packet';
import type { Answer } from 'dns-packet';
import type { Reply, ResourceRecord } from '../plugin.ts';

export interface UpstreamReply {
  readonly reply: Reply;
  /** What the answer says it answers, in lower case. */
  readonly key: string | undefined;
  readonly type: string | undefined;
}

/** Reads what an upstream answered. Throws when it is no DNS message. */
export function readReply(message: Buffer, plugin: string): UpstreamReply {
  const decoded = decode(message);
  const [question] = decoded.questions ?? [];
  return {
    key: question?.name.toLowerCase(),
    type: question?.type,
    reply: {
      rcode: (decoded.flags ?? 0) & 0xf,
      authoritative: decoded.flag_aa,
      recursionAvailable: decoded.flag_ra,
      authenticData: decoded.flag_ad,
      truncated: decoded.flag_tc,
      answers: withoutOpt(decoded.answers),
      authorities: withoutOpt(decoded.authorities),
      additionals: withoutOpt(decoded.additionals),
      plugin,
    },
  };
}

function withoutOpt(records: readonly Answer[] = []): ResourceRecord[] {
  return records.filter((record): record is ResourceRecord => record.type !== 'OPT');
}
