import { randomUUID } from 'node:crypto';
import { LagWindow } from './lag-window.ts';
import { laneProbe, type ProbeSettings } from './lane-probe.ts';
import { nodeNowMs, roundMs } from './node-clock.ts';
import { openLoop, type Timetable } from './open-loop.ts';
import type { LaneProbe } from './outcome.ts';
import { SampleRing } from './sample-ring.ts';
import type { LaneConfig, LaneRows, StartRequest } from './wire.ts';

/** 20 minutes at 50 samples per second: nothing is lost while nobody can read. */
const ringCapacity = 60_000;
/** Rows of one lane in one answer, so that it stays quick to make and to send. */
const maxRowsPerRead = 5_000;
const lagWindowMs = 30_000;
/** Between the lanes' first slots, so that they do not fire in the same moment. The same on every node. */
const staggerMs = 3;

interface Lane extends LaneProbe {
  readonly config: LaneConfig;
  readonly ring: SampleRing;
}

/** One start of the prober: its lanes, and the samples that they took. */
export class Session {
  readonly id = randomUUID();
  readonly #lanes: readonly Lane[];
  readonly #lag = new LagWindow(lagWindowMs);
  readonly #underWay = new Set<Promise<void>>();
  readonly #stopLoop: () => void;

  constructor(request: StartRequest, settings: ProbeSettings) {
    this.#lanes = request.lanes.map((config) => ({
      config,
      ring: new SampleRing(ringCapacity),
      ...laneProbe(config, settings),
    }));
    const timetables = this.#lanes.map((lane, index) => this.#timetable(lane, request.startAtMs + index * staggerMs));
    this.#stopLoop = openLoop(timetables, { nowMs: nodeNowMs, after: afterMs });
  }

  get lanes(): readonly string[] {
    return this.#lanes.map((lane) => lane.config.name);
  }

  get lagMs(): { readonly p99: number; readonly max: number } {
    const { p99, max } = this.#lag.quantiles(nodeNowMs());
    return { p99: roundMs(p99), max: roundMs(max) };
  }

  /** Rows of one lane from a sequence number on; undefined for a lane that there is not. */
  read(laneName: string, from: number): LaneRows | undefined {
    return this.#lanes.find((lane) => lane.config.name === laneName)?.ring.read(from, maxRowsPerRead);
  }

  /** Sends no more probes, and waits for those under way (their deadlines end them). What was sampled stays readable. */
  async stop(): Promise<void> {
    this.#stopLoop();
    await Promise.all(this.#underWay);
    for (const lane of this.#lanes) lane.close();
  }

  #timetable(lane: Lane, firstMs: number): Timetable {
    return {
      firstMs,
      intervalMs: 1_000 / lane.config.rateHz,
      send: (slot, dueMs) => {
        const sent = this.#send(lane, slot, dueMs);
        this.#underWay.add(sent);
        void sent.finally(() => this.#underWay.delete(sent));
      },
    };
  }

  async #send(lane: Lane, slot: number, dueMs: number): Promise<void> {
    const startMs = nodeNowMs();
    this.#lag.add(startMs, startMs - dueMs);
    lane.ring.claim(slot);
    const result = await lane.probe();
    lane.ring.complete([
      slot,
      roundMs(dueMs),
      roundMs(startMs - dueMs),
      result.outcome,
      roundMs(nodeNowMs() - startMs),
      roundMs(result.resolveMs),
      roundMs(result.connectMs),
      roundMs(result.requestMs),
      result.ttlS,
    ]);
  }
}

function afterMs(ms: number, callback: () => void): () => void {
  const timer = setTimeout(callback, ms);
  return () => clearTimeout(timer);
}
