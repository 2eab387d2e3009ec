import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, expect, it, vi, type Mock } from 'vitest';
import { systemClock } from '../../core/clock.ts';
import type { Endpoint } from './service-ports.ts';
import { udpListener } from './udp-listener.ts';

const cleanup: (() => unknown)[] = [];
afterEach(() => {
  for (const clean of cleanup.splice(0).toReversed()) clean();
});

it('forgets a client 30 s after its last datagram, and 2 s after an answer', async () => {
  vi.useFakeTimers({ toFake: ['setInterval'] });
  cleanup.push(() => vi.useRealTimers());
  const [silent, talking] = [await endpoint(false), await endpoint(true)];
  const port = await freePort();
  let nowMs = 0;
  const pick = vi.fn<() => Endpoint>(() => silent.endpoint);
  const clock = { ...systemClock, monotonicMs: () => nowMs };
  const listener = udpListener({ address: '127.0.0.1', port, pick, onProblem: () => undefined, clock });
  cleanup.push(() => listener.close());
  listener.lead([silent.endpoint, talking.endpoint]);
  const client = createSocket('udp4');
  cleanup.push(() => client.close());
  const answered = vi.fn<() => void>();
  client.on('message', () => answered());
  const sweepAndSend = (atMs: number): void => {
    nowMs = atMs;
    vi.advanceTimersByTime(1_000);
    client.send(`at ${atMs}`, port, '127.0.0.1');
  };

  await vi.waitFor(() => {
    sweepAndSend(0);
    expect(silent.seen).toHaveBeenCalled();
  });
  sweepAndSend(29_000);
  await vi.waitFor(() => expect(silent.seen).toHaveBeenCalledWith('at 29000'));
  expect(pick).toHaveBeenCalledTimes(1);

  pick.mockReturnValue(talking.endpoint);
  sweepAndSend(60_000);
  await vi.waitFor(() => expect(answered).toHaveBeenCalledTimes(1));
  expect(pick).toHaveBeenCalledTimes(2);

  sweepAndSend(61_000);
  await vi.waitFor(() => expect(answered).toHaveBeenCalledTimes(2));
  expect(pick).toHaveBeenCalledTimes(2);

  sweepAndSend(63_500);
  await vi.waitFor(() => expect(pick).toHaveBeenCalledTimes(3));
});

interface TestEndpoint {
  readonly endpoint: Endpoint;
  /** Called with each datagram. */
  readonly seen: Mock<(said: string) => void>;
}

async function endpoint(answers: boolean): Promise<TestEndpoint> {
  const seen = vi.fn<(said: string) => void>();
  const socket = createSocket('udp4', (message, { port, address }) => {
    seen(String(message));
    if (answers) socket.send('!', port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  cleanup.push(() => socket.close());
  return { endpoint: { address: '127.0.0.1', port: socket.address().port }, seen };
}

async function freePort(): Promise<number> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  return port;
}
