import { ChunkPool, type GapCause, Rope, type StreamSink, type TrackConfig, type TrackSink } from "@mingjian/media";
import { type StreamId, streamId, type CameraId } from "@mingjian/vocab";
import { type Chance, type Clock, type Net, seededChance, TestClock } from "../../ports/index.ts";
import { createIngest, type Ingest, type StreamSource, type StreamState } from "../index.ts";
import { FakeNet } from "./camera.ts";

export interface Taken {
  samples: number;
  keys: number;
  bytes: number;
  lost: number;
  arrived: number[];
  reports: number;
  configs: readonly TrackConfig[];
  closed: GapCause | undefined;
}

/** Sinks that count, and what the room told them. */
export class CountingSinks {
  readonly opened = new Map<StreamId, Taken[]>();
  readonly gaps: { stream: StreamId; cause: GapCause }[] = [];
  /** Streams whose sink throws at its first sample. */
  readonly broken = new Set<StreamId>();

  open(stream: StreamId, configs: readonly TrackConfig[]): StreamSink {
    const taken: Taken = { samples: 0, keys: 0, bytes: 0, lost: 0, arrived: [], reports: 0, configs, closed: undefined };
    this.opened.set(stream, [...(this.opened.get(stream) ?? []), taken]);
    const tracks = configs.map((): TrackSink => {
      const rope = new Rope(new ChunkPool());
      return {
        rope: () => rope,
        sample: (start, end, _ticks, key) => {
          if (this.broken.has(stream)) throw new Error("the sink is broken");
          taken.samples += 1;
          taken.keys += Number(key);
          taken.bytes += end - start;
        },
        abandon: (start) => rope.truncate(start),
        config: () => undefined,
        lost: (packets) => {
          taken.lost += packets;
        },
      };
    });
    return {
      tracks,
      arrived: (atMs) => taken.arrived.push(atMs),
      senderReport: () => {
        taken.reports += 1;
      },
      close: (cause) => {
        taken.closed = cause;
      },
    };
  }

  gapBegins(stream: StreamId, cause: GapCause): void {
    this.gaps.push({ stream, cause });
  }

  taken(stream: StreamId, connection = -1): Taken {
    const taken = this.opened.get(stream)?.at(connection);
    if (taken === undefined) throw new Error(`${stream} was never opened`);
    return taken;
  }
}

export class Logs {
  readonly lines: string[] = [];
  info(facts: object, message: string): void {
    this.lines.push(`info ${message} ${JSON.stringify(facts)}`);
  }
  warn(facts: object, message: string): void {
    this.lines.push(`warn ${message} ${JSON.stringify(facts)}`);
  }
  error(facts: object, message: string): void {
    this.lines.push(`error ${message} ${JSON.stringify(facts)}`);
  }
}

export const GATE = streamId("gate" as CameraId, "main");
export const YARD = streamId("yard" as CameraId, "main");

export function source(stream: StreamId, changes: Partial<StreamSource> = {}): StreamSource {
  return { stream, url: "rtsp://admin:pa%24s@camera.test/live", transport: "tcp", audio: false, enabled: true, ...changes };
}

/** The room over a scripted network and a clock that stands still. */
export class Room {
  readonly net = new FakeNet();
  readonly clock = new TestClock();
  readonly sinks = new CountingSinks();
  readonly logs = new Logs();
  readonly told: StreamState[] = [];
  readonly ingest: Ingest;

  constructor(chance: Chance = seededChance(1)) {
    this.ingest = roomOf(this.net, this.clock, chance, this.sinks, this.logs);
    this.ingest.onState((state) => this.told.push(state));
  }

  state(stream: StreamId): StreamState {
    const found = this.ingest.states().find((one) => one.stream === stream);
    if (found === undefined) throw new Error(`no ${stream}`);
    return found;
  }
}

export function roomOf(net: Net, clock: Clock, chance: Chance, sinks: CountingSinks, log: Logs): Ingest {
  return createIngest({ net, clock, chance, sinks, log });
}
