import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import type { StreamSink, VideoConfig } from "@mingjian/media";
import { streamId } from "@mingjian/vocab";
import type { CameraId } from "@mingjian/vocab";
import type { Disk } from "../../server/ports/index.ts";
import { TestClock, sha256, systemDisk } from "../../server/ports/index.ts";
import { createRecorder } from "../../server/recording/index.ts";

const FRAMES_PER_SECOND = 25;
const FRAME_MS = 1_000 / FRAMES_PER_SECOND;
const GOP_FRAMES = 50;
const KEY_SHARE = 0.15;
/** Bytes in flight above which the feeder waits for the disk, as ingest would. */
const IN_FLIGHT_MAX = 64 * 1_048_576;

const CONFIG: VideoConfig = {
  kind: "video",
  codec: "h264",
  clockRate: 90_000,
  width: 1_920,
  height: 1_080,
  vps: [],
  sps: [Uint8Array.of(0x67, 0x64, 0, 0x28, 0xac, 0xd9, 0x40, 0x78)],
  pps: [Uint8Array.of(0x68, 0xeb, 0xe3, 0xcb)],
  codecString: "avc1.640028",
};

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** To see what the syncs cost; nothing is durable then. */
function withoutSync(disk: Disk): Disk {
  return { ...disk, create: async (file) => Object.assign(await disk.create(file), { sync: async () => {} }) };
}

/**
 * CPU of the path from finished samples to durable files, without network: copies into ropes as the depacketiser
 * does, then fragments, hashes, writes and syncs. `--cameras`, `--seconds` (of media), `--mbit`,
 * `--dir`, `--no-sync`.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      cameras: { type: "string", default: "50" },
      seconds: { type: "string", default: "40" },
      mbit: { type: "string", default: "4" },
      dir: { type: "string", default: tmpdir() },
      "no-sync": { type: "boolean", default: false },
    },
  });
  const cameras = Number(values.cameras);
  const frames = Number(values.seconds) * FRAMES_PER_SECOND;
  const gopBytes = (Number(values.mbit) * 125_000 * GOP_FRAMES) / FRAMES_PER_SECOND;
  const key = new Uint8Array(Math.round(gopBytes * KEY_SHARE)).fill(0x55);
  const delta = new Uint8Array(Math.round((gopBytes * (1 - KEY_SHARE)) / (GOP_FRAMES - 1))).fill(0xaa);
  const root = mkdtempSync(path.join(values.dir, "mingjian-recordpath-"));
  const clock = new TestClock();
  const quiet = (): void => {};
  const recorder = await createRecorder({
    disk: values["no-sync"] ? withoutSync(systemDisk()) : systemDisk(),
    clock,
    hash: sha256,
    log: { info: quiet, warn: quiet, error: console.error },
    root,
    ledger: { append: async () => {} },
    lock: false,
  });
  const sinks: StreamSink[] = [];
  for (let i = 0; i < cameras; i++) {
    const opened = recorder.open(streamId(`cam-${i}` as CameraId, "main"), [CONFIG]);
    if ("refused" in opened) throw new Error(opened.refused);
    sinks.push(opened);
  }
  const cpu = process.cpuUsage();
  const startedMs = performance.now();
  let bytes = 0;
  for (let frame = 0; frame < frames; frame++) {
    clock.advance(FRAME_MS);
    for (const [index, sink] of sinks.entries()) {
      const isKey = (frame + index) % GOP_FRAMES === 0;
      const sample = isKey ? key : delta;
      sink.arrived(clock.monotonicMs());
      const track = sink.tracks[0];
      if (track === undefined) throw new Error("no track");
      const rope = track.rope();
      const start = rope.length;
      rope.append(sample, 0, sample.length);
      track.sample(start, rope.length, frame * 3_600, isKey);
      bytes += sample.length;
    }
    await turn();
    while (recorder.states().reduce((sum, one) => sum + one.queuedBytes, 0) > IN_FLIGHT_MAX) await turn();
  }
  const memoryBytes = process.memoryUsage.rss();
  await recorder.stop();
  const used = process.cpuUsage(cpu);
  const seconds = (performance.now() - startedMs) / 1_000;
  rmSync(root, { recursive: true, force: true });
  report(cameras, bytes, seconds, used, memoryBytes);
}

function report(cameras: number, bytes: number, seconds: number, used: NodeJS.CpuUsage, memoryBytes: number): void {
  const gigabytes = bytes / 1e9;
  const round = (value: number): number => Math.round(value * 1_000) / 1_000;
  console.log(
    JSON.stringify({
      bench: "recordpath",
      cameras,
      gigabytes: round(gigabytes),
      wallSeconds: round(seconds),
      cpuSecondsPerGB: round((used.user + used.system) / 1e6 / gigabytes),
      userSecondsPerGB: round(used.user / 1e6 / gigabytes),
      systemSecondsPerGB: round(used.system / 1e6 / gigabytes),
      rssMB: round(memoryBytes / 1_048_576),
    }),
  );
}

if (import.meta.main) await run(process.argv.slice(2));
