import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { TestContext } from "node:test";
import type { AudioConfig, StreamSink, VideoConfig } from "@mingjian/media";
import { streamId } from "@mingjian/vocab";
import type { CameraId, StreamId } from "@mingjian/vocab";
import { FaultyDisk, TestClock, sha256, systemDisk } from "../../ports/index.ts";
import { createRecorder, fsck } from "../index.ts";
import type { ChainEntry, FsckReport, Recorder, RecorderOptions } from "../index.ts";

export const CAMERA = streamId("gate-1" as CameraId, "main");

export const VIDEO: VideoConfig = {
  kind: "video",
  codec: "h264",
  clockRate: 90_000,
  width: 640,
  height: 360,
  vps: [],
  sps: [Uint8Array.of(0x67, 0x42, 0xc0, 0x1e, 0xd9, 0x00, 0xa0, 0x5b)],
  pps: [Uint8Array.of(0x68, 0xcb, 0x83, 0xcb)],
  codecString: "avc1.42c01e",
};
export const AAC: AudioConfig = {
  kind: "audio",
  codec: "aac",
  clockRate: 16_000,
  sampleRate: 16_000,
  channels: 1,
  audioSpecificConfig: Uint8Array.of(0x14, 0x08),
  codecString: "mp4a.40.2",
};

export const FRAME_MS = 40;
export const GOP_FRAMES = 50;

export function tempRoot(test: TestContext): string {
  const root = mkdtempSync(path.join(tmpdir(), "mingjian-recording-"));
  test.after(() => rmSync(root, { recursive: true, force: true }));
  return root;
}

export interface Bench {
  readonly root: string;
  readonly clock: TestClock;
  readonly disk: FaultyDisk;
  readonly recorder: Recorder;
  readonly entries: ChainEntry[];
  readonly logged: string[];
  /** Another recorder on the same folder, after this one is stopped or was left as a crash leaves it. */
  again(): Promise<Bench>;
}

export async function bench(root: string, clock = new TestClock(), options: Partial<RecorderOptions> = {}): Promise<Bench> {
  const disk = new FaultyDisk(systemDisk());
  const logged: string[] = [];
  const say = (facts: object, message: string): void => void logged.push(`${message} ${JSON.stringify(facts)}`);
  const recorder = await createRecorder({
    disk,
    clock,
    hash: sha256,
    log: { info: say, warn: say, error: say },
    root,
    ledger: { append: async () => {} },
    lock: false,
    reserveBytes: 0,
    ...options,
  });
  const entries: ChainEntry[] = [];
  recorder.onEntry((_, entry) => entries.push(entry));
  return { root, clock, disk, recorder, entries, logged, again: () => bench(root, clock, options) };
}

/** A made-up camera: sends frames of bytes that only count. */
export class Camera {
  readonly #bench: Bench;
  readonly #stream: StreamId;
  readonly frameBytes: number;
  readonly gopFrames: number;
  sink: StreamSink | undefined;
  ticks = 1_000_000;
  frames = 0;

  constructor(bench: Bench, stream: StreamId = CAMERA, frameBytes = 200, gopFrames = GOP_FRAMES) {
    this.#bench = bench;
    this.#stream = stream;
    this.frameBytes = frameBytes;
    this.gopFrames = gopFrames;
  }

  connect(config: VideoConfig = VIDEO): void {
    const opened = this.#bench.recorder.open(this.#stream, [config]);
    if ("refused" in opened) throw new Error(`refused: ${opened.refused}`);
    this.sink = opened;
    this.frames = 0;
  }

  /** Frames in real time of the test clock; the disk is let work after each GOP. */
  async send(frames: number): Promise<void> {
    for (let i = 0; i < frames; i++) {
      this.frame();
      if (this.frames % this.gopFrames === 1) await settle(this.#bench.recorder);
    }
    await settle(this.#bench.recorder);
  }

  frame(): void {
    this.#bench.clock.advance(FRAME_MS);
    this.put(this.ticks, this.frames % this.gopFrames === 0);
    this.ticks += 3_600;
  }

  put(ticks: number, key: boolean): void {
    const sink = this.sink;
    const track = sink?.tracks[0];
    if (sink === undefined || track === undefined) throw new Error("not connected");
    sink.arrived(this.#bench.clock.monotonicMs());
    const rope = track.rope();
    const start = rope.length;
    const bytes = new Uint8Array(this.frameBytes).fill(this.frames & 255);
    rope.append(bytes, 0, bytes.length);
    this.frames += 1;
    track.sample(start, rope.length, ticks, key);
  }

  close(cause: Parameters<StreamSink["close"]>[0] = "unreachable"): void {
    this.sink?.close(cause);
    this.sink = undefined;
  }
}

/** Waits until nothing is queued for the disk and the disk has been idle for some turns. */
export async function settle(recorder: Recorder): Promise<void> {
  for (let idle = 0; idle < 4;) {
    await recorder.idle();
    idle = recorder.states().some((one) => one.queuedBytes > 0) ? 0 : idle + 1;
  }
}

export function check(bench: Bench, fast = false): Promise<FsckReport> {
  return fsck(bench.root, { disk: systemDisk(), hash: sha256, fast });
}

/** The part of the entries that tells of time: kind, start, end, cause. */
export function story(entries: readonly ChainEntry[]): string[] {
  return entries.map((entry) => {
    if (entry.kind === "segment") return `segment ${entry.endMs - entry.startMs}`;
    if (entry.kind === "gap") return `gap ${entry.cause} ${entry.endMs - entry.startMs}`;
    if (entry.kind === "clock") return `clock ${entry.toMs - entry.fromMs}`;
    return entry.kind === "mend" ? `mend ${entry.what}` : "deletion";
  });
}
