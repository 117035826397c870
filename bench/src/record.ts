import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, cpus, loadavg, tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { BenchCameras } from "./cameras.ts";
import { sleep } from "./children.ts";
import { cpuSecondsOf, pssMbOf } from "./processes.ts";
import type { RecorderUnderTest } from "./recorders.ts";
import { FLOOR_ON_A_BEAT, RECORDERS } from "./recorders.ts";

const HELP = `bench record [--cameras 50] [--seconds 20] [--rounds 1] [--rows mingjian,ffmpeg,floor,zlmediakit,floor-100ms] [--folder TMP]
Simulated cameras of 4 Mbit/s H.264, 1080p25, over RTSP/TCP on loopback, one recorder after the other, the order turned round each round.
cpuSecondsPerGB: user and system seconds of the recorder's processes for each 10^9 bytes of media received in the window.
pssMBPerCamera: proportional memory at the end of the window. drops: frames sent and not found in what was written, from the first to the last.
`;
/** After all cameras play, before the window: the first GOPs and start-up are not the steady state. */
const SETTLE_MS = 4000;
/** After the last frame was sent, before the recorder is stopped. */
const ARRIVE_MS = 1500;
const BYTES_PER_GB = 1e9;

interface Run {
  readonly cpuSeconds: number;
  readonly gigabytes: number;
  readonly pssMB: number;
  readonly framesSent: number;
  readonly framesWritten: number;
  readonly framesNotTaken: number;
  readonly sessions: number;
  readonly all: { cpuSeconds: number; pssMB: number } | undefined;
}

async function runOnce(recorder: RecorderUnderTest, cameras: number, seconds: number, base: string): Promise<Run> {
  const folder = mkdtempSync(path.join(base, `bench-${recorder.name}-`));
  const sources = await BenchCameras.start(cameras, "bench");
  try {
    const running = await recorder.start(sources.urls, folder);
    await sources.untilPlaying(cameras);
    await sleep(SETTLE_MS);
    const pids = running.pids();
    const allPids = running.allPids?.();
    const before = { cpu: cpuSecondsOf(pids), all: cpuSecondsOf(allPids ?? []), bytes: (await sources.sent()).bytes };
    await sleep(seconds * 1000);
    const cpuSeconds = cpuSecondsOf(pids) - before.cpu;
    const allCpuSeconds = cpuSecondsOf(allPids ?? []) - before.all;
    const gigabytes = ((await sources.sent()).bytes - before.bytes) / BYTES_PER_GB;
    const pssMB = pssMbOf(pids);
    const all = allPids === undefined ? undefined : { cpuSeconds: allCpuSeconds, pssMB: pssMbOf(allPids) };
    await sources.halt();
    await sleep(ARRIVE_MS);
    const framesWritten = await running.stop(() => sources.hangUp());
    const sent = await sources.sent();
    return {
      cpuSeconds,
      gigabytes,
      pssMB,
      framesSent: sent.frames,
      framesWritten,
      framesNotTaken: sent.skippedFrames,
      sessions: sent.sessions,
      all,
    };
  } finally {
    await sources.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function rounded(value: number, digits = 2): number {
  return Number(value.toFixed(digits));
}

function summary(recorder: RecorderUnderTest, runs: readonly Run[], cameras: number): Record<string, unknown> {
  const sum = (of: (run: Run) => number): number => runs.reduce((total, run) => total + of(run), 0);
  const gigabytes = sum((run) => run.gigabytes);
  const hasAll = runs.every((run) => run.all !== undefined);
  return {
    name: recorder.name,
    cpuSecondsPerGB: rounded(sum((run) => run.cpuSeconds) / gigabytes),
    pssMBPerCamera: rounded(sum((run) => run.pssMB) / runs.length / cameras, 3),
    drops: sum((run) => run.framesSent - run.framesWritten + run.framesNotTaken),
    gigabytes: rounded(gigabytes, 3),
    runs: runs.map((run) => rounded(run.cpuSeconds / run.gigabytes)),
    reconnects: sum((run) => run.sessions) - cameras * runs.length,
    ...(hasAll
      ? {
          allProcesses: {
            cpuSecondsPerGB: rounded(sum((run) => run.all?.cpuSeconds ?? 0) / gigabytes),
            pssMBPerCamera: rounded(sum((run) => run.all?.pssMB ?? 0) / runs.length / cameras, 3),
          },
        }
      : {}),
    note: recorder.note,
  };
}

/** CPU and memory of recording, beside peers in the same run. The last line is one JSON object. */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      cameras: { type: "string", default: "50" },
      seconds: { type: "string", default: "20" },
      rounds: { type: "string", default: "1" },
      rows: { type: "string" },
      folder: { type: "string", default: tmpdir() },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return;
  }
  const [cameras, seconds, rounds] = [Number(values.cameras), Number(values.seconds), Number(values.rounds)];
  const wanted = values.rows?.split(",");
  const chosen = [...RECORDERS, FLOOR_ON_A_BEAT].filter((one) => (wanted === undefined ? RECORDERS.includes(one) : wanted.includes(one.name)));
  const skipped = chosen.flatMap((one) => (one.missing() === undefined ? [] : [`${one.name}: ${one.missing() ?? ""}`]));
  for (const line of skipped) console.log(`left out, ${line}`);
  const present = chosen.filter((one) => one.missing() === undefined);
  const runs = new Map<RecorderUnderTest, Run[]>();
  mkdirSync(values.folder, { recursive: true });
  for (let round = 0; round < rounds; round++) {
    for (const recorder of round % 2 === 0 ? present : [...present].reverse()) {
      const one = await runOnce(recorder, cameras, seconds, values.folder);
      runs.set(recorder, [...(runs.get(recorder) ?? []), one]);
      console.log(
        `${recorder.name}: ${rounded(one.cpuSeconds / one.gigabytes)} CPU-s/GB, ${rounded(one.pssMB / cameras, 3)} MB a camera, ${one.framesSent - one.framesWritten} of ${one.framesSent} frames missing`,
      );
    }
  }
  const rows = present.map((recorder) => summary(recorder, runs.get(recorder) ?? [], cameras));
  const machine = { cpu: cpus()[0]?.model ?? "", cores: availableParallelism(), load: rounded(loadavg()[0] ?? 0) };
  console.log(JSON.stringify({ bench: "record", cameras, seconds, rows, rounds, skipped, machine }));
}
