/**
 * A program: `node scripts/up-and-down.ts [TIMES]`, 50 times by default. Brings an embedded cluster up and takes it down,
 * again and again, and after each looks for what stayed: processes, sockets, files. Memory is looked at in the end: what
 * this process holds, and what files without a name hold (shared memory). Exits with 1 when anything stayed.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { embeddedBackend } from '../harness/cluster/embedded/embedded-backend.ts';
import { readHost, stateFolder } from '../harness/cluster/embedded/state-folder.ts';
import { systemClock } from '../harness/core/clock.ts';
import { run } from '../harness/core/command.ts';

const times = Number(process.argv[2] ?? 50);
/** The first rounds load what is loaded once. */
const warmUpRounds = Math.min(5, Math.floor(times / 2));
/** What this process may have grown by since then: less than half a megabyte a round over fifty of them. */
const maxGrowthMb = 20;

const base = mkdtempSync(join(tmpdir(), 'bs-'));
const root = join(base, 'c');
const temporary = join(base, 'tmp');
mkdirSync(temporary);
// Whoever writes temporary files now, this process and all that it starts, is seen.
process.env['TMPDIR'] = temporary;

const backend = embeddedBackend({ clock: systemClock, stateFolder: root });
const context = { emit: () => undefined, signal: new AbortController().signal, runFolder: temporary };
const memoryBefore = machineMemory();
const readyS: number[] = [];
const stayed: string[] = [];
let [warmMb, warmFiles] = [ownMemoryMb(), openFiles()];

for (let round = 1; round <= times; round++) {
  const subnet = await upAndDown(`blackstart-${round}`);
  const found = whatStayed(subnet);
  stayed.push(...found.map((what) => `round ${round}: ${what}`));
  if (round === warmUpRounds) [warmMb, warmFiles] = [ownMemoryMb(), openFiles()];
  if (round % 10 === 0) console.log(`${round} up and down, ${stayed.length} things stayed, own ${ownMemoryMb()} MB`);
}

const [growthMb, growthFiles] = [ownMemoryMb() - warmMb, openFiles() - warmFiles];
if (growthMb > maxGrowthMb) stayed.push(`memory of this process: ${growthMb} MB more`);
if (growthFiles > 0) stayed.push(`open files of this process: ${growthFiles} more`);
rmSync(base, { recursive: true });

const memoryAfter = machineMemory();
console.log(`
${times} clusters of 1 + 2 nodes, ready in ${Math.min(...readyS).toFixed(2)} to ${Math.max(...readyS).toFixed(2)} s
This process since round ${warmUpRounds}: ${growthMb} MB, ${growthFiles} open files more
The machine, with everything else on it: shared memory ${memoryAfter.shared - memoryBefore.shared} MB more, available ${memoryAfter.available - memoryBefore.available} MB more
Stayed: ${stayed.length === 0 ? 'no process, no socket, no file' : `\n  ${stayed.join('\n  ')}`}`);
process.exitCode = stayed.length === 0 ? 0 : 1;

/** The cluster's subnet. */
async function upAndDown(name: string): Promise<number> {
  const { change, attach } = backend.create({ name, workers: 2, coreDns: 'workers', nodePorts: [] }, context);
  await change.snapshot();
  try {
    const startMs = performance.now();
    await change.apply();
    readyS.push((performance.now() - startMs) / 1_000);
    const cluster = await attach();
    const pods = await cluster.api.list({ apiVersion: 'v1', kind: 'Pod' });
    if (pods.length < 4) throw new Error(`${name} has only ${pods.length} pods`);
    return readHost(stateFolder(root, name))?.subnet ?? 0;
  } finally {
    await run(change.undo.argv, { timeoutMs: change.undo.timeoutMs });
  }
}

function whatStayed(subnet: number): readonly string[] {
  const ports = ['tcp', 'udp'].flatMap((protocol) => listening(protocol, subnet));
  const lock = readFileSync('/proc/net/unix', 'utf8').includes(`@blackstart-subnet-${subnet}\n`);
  const sockets = readFileSync('/proc/net/unix', 'utf8')
    .split('\n')
    .filter((line) => line.includes(base));
  const files = [...readdirSync(root), ...readdirSync(temporary)];
  return [
    ...processes().map((pid) => `process ${pid}`),
    ...ports.map((port) => `socket ${port}`),
    ...(lock ? [`the lock of subnet ${subnet}`] : []),
    ...sockets.map((line) => `socket ${line}`),
    ...files.map((name) => `file ${name}`),
  ];
}

/** Everything but this process that has the clusters' folder in its arguments or its environment. */
function processes(): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => ['cmdline', 'environ'].some((file) => readOrEmpty(`/proc/${pid}/${file}`).includes(base)));
}

/** Sockets that are bound on the subnet: TCP ones that listen, all of UDP. */
function listening(protocol: string, subnet: number): readonly string[] {
  // Addresses are written as the number that they are in memory: 127.C.x.y is YYXXCC7F.
  const ours = new RegExp(
    `^\\s*\\d+: [0-9A-F]{4}${subnet.toString(16).padStart(2, '0')}7F:([0-9A-F]{4}) \\S+ (0A|07)`,
    'i',
  );
  return readFileSync(`/proc/net/${protocol}`, 'utf8')
    .split('\n')
    .flatMap((line) => {
      const port = ours.exec(line)?.[1];
      return port === undefined ? [] : [`${protocol} ${Number.parseInt(port, 16)}`];
    });
}

function ownMemoryMb(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return Math.round(process.memoryUsage().rss / 1_000_000);
}

function openFiles(): number {
  return readdirSync('/proc/self/fd').length;
}

function machineMemory(): { readonly available: number; readonly shared: number } {
  const text = readFileSync('/proc/meminfo', 'utf8');
  const mb = (name: string): number =>
    Math.round(Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1]) / 1_000);
  return { available: mb('MemAvailable'), shared: mb('Shmem') };
}

/** A process may end while it is looked at, and not every one is ours to read. */
function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
