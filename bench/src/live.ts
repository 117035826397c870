import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { loadClip, takenAtMs } from "@mingjian/simulators";
import type { ClipName } from "@mingjian/simulators";
import { BenchCameras } from "./cameras.ts";
import { sleep } from "./children.ts";
import { chromiumPath, openWall } from "./live-browser.ts";
import { openViewer } from "./live-socket.ts";
import { cpuSecondsOf } from "./processes.ts";
import { Product } from "./product.ts";

const HELP = `bench live [--cameras 4] [--viewers 8] [--seconds 15] [--folder TMP]
Latency from the instant a simulated camera took a frame (its counter in the picture) to the frame's receipt at a WebSocket client and,
where Chromium is installed, to its expected display on the console's wall. CPU per viewer: the server's processes with and without viewers.
`;
const SETTLE_MS = 4000;
const MAIN_CLIP: ClipName = "street";
const SUB_CLIP: ClipName = "sub";

interface Latencies {
  readonly frames: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

function latenciesOf(values: readonly number[]): Latencies | undefined {
  if (values.length === 0) return undefined;
  const sorted = values.toSorted((a, b) => a - b);
  const at = (part: number): number => Number((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0).toFixed(1));
  return { frames: values.length, p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}

function latency(camera: number, counter: number, atMs: number, clip: ClipName): number {
  return atMs - takenAtMs(camera, counter, atMs, loadClip(clip).frames.length);
}

async function measureSockets(
  product: Product,
  cameras: number,
  viewers: number,
  seconds: number,
): Promise<{ received: Latencies | undefined; cpuMsPerViewerSecond: number }> {
  const pids = product.allPids();
  const idleFrom = cpuSecondsOf(pids);
  await sleep(seconds * 1000);
  const idle = cpuSecondsOf(pids) - idleFrom;
  const values: number[] = [];
  let counting = false;
  const open = await Promise.all(
    Array.from({ length: viewers }, (_, index) => {
      const camera = (index % cameras) + 1;
      return openViewer(product, `cam-${camera}`, "main", MAIN_CLIP, (counter, atMs) => {
        if (counting) values.push(latency(camera, counter, atMs, MAIN_CLIP));
      });
    }),
  );
  await sleep(SETTLE_MS);
  counting = true;
  const from = cpuSecondsOf(pids);
  await sleep(seconds * 1000);
  counting = false;
  const busy = cpuSecondsOf(pids) - from;
  for (const viewer of open) viewer.close();
  return {
    received: latenciesOf(values),
    cpuMsPerViewerSecond: Number((((busy - idle) * 1000) / viewers / seconds).toFixed(2)),
  };
}

async function measureBrowser(product: Product, cameras: number, seconds: number): Promise<{ shown: Latencies | undefined; stream: string } | undefined> {
  const wall = await openWall(product, cameras);
  try {
    await sleep(SETTLE_MS);
    const { frames, stream } = await wall.watch(seconds);
    const clip = stream === "sub" ? SUB_CLIP : MAIN_CLIP;
    return {
      shown: latenciesOf(frames.map(({ camera, counter, shownAtMs }) => latency(camera, counter, shownAtMs, clip))),
      stream,
    };
  } finally {
    await wall.close();
  }
}

/** Latency of live view and its cost. The last line is one JSON object. */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      cameras: { type: "string", default: "4" },
      viewers: { type: "string", default: "8" },
      seconds: { type: "string", default: "15" },
      folder: { type: "string", default: tmpdir() },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return;
  }
  const [cameras, viewers, seconds] = [Number(values.cameras), Number(values.viewers), Number(values.seconds)];
  const folder = mkdtempSync(path.join(values.folder, "bench-live-"));
  const sources = await BenchCameras.start(cameras, MAIN_CLIP);
  const product = await Product.start(folder);
  try {
    for (let index = 0; index < cameras; index++) {
      await product.addCamera(`cam-${index + 1}`, sources.urls[index] ?? "", sources.subUrls[index]);
    }
    await sources.untilPlaying(cameras);
    const { received, cpuMsPerViewerSecond } = await measureSockets(product, cameras, viewers, seconds);
    console.log(`received at ${viewers} WebSocket clients: ${JSON.stringify(received)}, ${cpuMsPerViewerSecond} ms of CPU a viewer and second`);
    const browser = chromiumPath() === undefined ? undefined : await measureBrowser(product, cameras, seconds);
    console.log(
      browser === undefined ? "Chromium is not installed: nothing was shown, only received" : `shown in headless Chromium: ${JSON.stringify(browser)}`,
    );
    const main = browser?.shown ?? received;
    const measured = browser?.shown === undefined ? "receipt at a WebSocket client" : "expected display in headless Chromium, decoded in software";
    console.log(
      JSON.stringify({
        bench: "live",
        cameras,
        viewers,
        seconds,
        measured,
        p50: main?.p50,
        p95: main?.p95,
        p99: main?.p99,
        cpuMsPerViewerSecond,
        received,
        shown: browser?.shown,
        shownStream: browser?.stream,
      }),
    );
  } finally {
    await product.stop();
    await sources.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
