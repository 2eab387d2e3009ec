/** The program of the static pod kube-controller-manager: all controllers, the scheduler and the PodChaos controller. */
import { randomInt } from 'node:crypto';
import { flushCompileCache } from 'node:module';
import { parseArgs } from 'node:util';
import { systemClock } from '../../core/clock.ts';
import { messageOf } from '../../core/errors.ts';
import { poll } from '../../core/poll.ts';
import { seededRandom } from '../../core/random.ts';
import { readKubeconfig } from '../client/kubeconfig.ts';
import { openClient } from '../client/open-client.ts';
import { resources } from '../client/resources.ts';
import { StatusError } from '../client/status-error.ts';
import { startPodChaos } from '../podchaos/controller.ts';
import { startControllers } from './start.ts';

const outageSilenceMs = 10_000;
let toldOutageMs = -Infinity;

const { values } = parseArgs({
  // The manifest may carry more flags of the real program, for those who look.
  strict: false,
  options: { kubeconfig: { type: 'string' }, data: { type: 'string' } },
});
const { kubeconfig, data } = values;
if (typeof kubeconfig !== 'string' || typeof data !== 'string') {
  log('usage', '--kubeconfig FILE --data FOLDER');
  process.exit(64);
}

const connection = readKubeconfig(kubeconfig);
const client = openClient({ ...connection, userAgent: 'kube-controller-manager/v1.34.0' });
const running: { stop(): void }[] = [];
function end(): void {
  for (const one of running) one.stop();
  client.close();
  process.exit(0);
}
process.on('SIGTERM', end);
// Whoever started us holds the other end: when it is gone, so are we.
process.stdin.on('end', end).on('error', end).resume();

// As kube-controller-manager does: an informer that begins too early waits for its back-off.
await poll(async () => await client.list(resources.namespaces), {
  clock: systemClock,
  intervalMs: 100,
  timeoutMs: Infinity,
  what: 'the API',
});
const controllers = startControllers({
  client,
  rootCa: connection.ca,
  onError: report,
});
const podChaos = startPodChaos({
  client,
  dataDir: data,
  clock: systemClock,
  random: seededRandom(randomInt(2 ** 32)),
  onProblem: (message) => log('podchaos', message),
});
running.push(controllers, podChaos);
controllers.started.then(
  () => {
    log('main', 'all controllers work');
    // The next process starts sooner and smaller; one that is killed would not write it.
    flushCompileCache();
  },
  () => undefined,
);

/** During an outage everybody fails again and again for the same reason; one line in so many seconds says it. */
function report(what: string, problem: unknown): void {
  if (problem instanceof StatusError && problem.code === undefined) {
    const nowMs = systemClock.monotonicMs();
    if (nowMs - toldOutageMs < outageSilenceMs) return;
    toldOutageMs = nowMs;
  }
  log(what, messageOf(problem));
}

function log(what: string, message: string): void {
  process.stderr.write(`${systemClock.now().toISOString()} ${what}: ${message}\n`);
}
