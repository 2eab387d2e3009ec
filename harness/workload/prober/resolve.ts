import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import { deadline } from './deadline.ts';
import { decodeResponse, encodeQuery, type DnsAnswer, type DnsResponse } from './dns-message.ts';
import { HopFailure } from './outcome.ts';

export interface Resolver {
  readonly address: string;
  readonly port: number;
}

/**
 * Asks one resolver once for the A record of `host`: by UDP from a socket of its own, by TCP when the answer is
 * truncated. One shared resolver would fail whole batches together and distort times.
 * Rejects with a HopFailure or a socket error; after `timeoutMs` in all with reason `timeout`.
 */
export async function resolveAddress(resolver: Resolver, host: string, timeoutMs: number): Promise<DnsAnswer> {
  const id = randomInt(65_536);
  const query = encodeQuery(id, host);
  const startMs = performance.now();
  const overUdp = await askByUdp(resolver, query, id, timeoutMs);
  const response = overUdp.truncated
    ? await askByTcp(resolver, query, timeoutMs - (performance.now() - startMs))
    : overUdp;
  if (response.id !== id || response.question !== host.replace(/\.$/, '').toLowerCase()) {
    throw new HopFailure('malformed');
  }
  if (response.rcode !== 'NOERROR') throw new HopFailure(response.rcode);
  const [answer] = response.answers;
  if (!answer) throw new HopFailure('nodata');
  return answer;
}

async function askByUdp(resolver: Resolver, query: Buffer, id: number, timeoutMs: number): Promise<DnsResponse> {
  // The address is numeric: no look-up, not even the asynchronous one for nothing.
  const socket = createSocket({ type: 'udp4', lookup: (address, _options, done) => done(null, address, 4) });
  const { promise, resolve, reject } = Promise.withResolvers<DnsResponse>();
  const cancelDeadline = deadline(timeoutMs, reject);
  socket.on('error', reject);
  socket.on('message', (message) => {
    // Not ours (late or forged): go on waiting, as every stub resolver does.
    if (message.length < 2 || message.readUInt16BE(0) !== id) return;
    settleWith(message, resolve, reject);
  });
  // Connected, so that the kernel tells of an ICMP "port unreachable".
  socket.connect(resolver.port, resolver.address, () => {
    try {
      socket.send(query, (problem) => {
        if (problem) reject(problem);
      });
    } catch {
      // Closed in the meantime: the time was up.
    }
  });
  try {
    return await promise;
  } finally {
    cancelDeadline();
    socket.close();
  }
}

async function askByTcp(resolver: Resolver, query: Buffer, timeoutMs: number): Promise<DnsResponse> {
  const socket = connect({ host: resolver.address, port: resolver.port, noDelay: true });
  const { promise, resolve, reject } = Promise.withResolvers<DnsResponse>();
  const cancelDeadline = deadline(timeoutMs, reject);
  let received: Buffer = Buffer.alloc(0);
  socket.on('error', reject);
  socket.on('close', () => reject(new HopFailure('reset')));
  socket.on('data', (chunk) => {
    received = Buffer.concat([received, chunk]);
    if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) return;
    settleWith(received.subarray(2, 2 + received.readUInt16BE(0)), resolve, reject);
  });
  socket.on('connect', () => {
    const length = Buffer.alloc(2);
    length.writeUInt16BE(query.length, 0);
    socket.write(Buffer.concat([length, query]));
  });
  try {
    return await promise;
  } finally {
    cancelDeadline();
    socket.destroy();
  }
}

function settleWith(
  message: Buffer,
  resolve: (response: DnsResponse) => void,
  reject: (problem: HopFailure) => void,
): void {
  try {
    const response = decodeResponse(message);
    if (response.isResponse) resolve(response);
    else reject(new HopFailure('malformed'));
  } catch {
    reject(new HopFailure('malformed'));
  }
}
