import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { streamId } from "@mingjian/vocab";
import type { CameraId } from "@mingjian/vocab";
import { sha256, systemDisk } from "../../server/ports/index.ts";
import { fsck, readChain } from "../../server/recording/index.ts";
import { sleep } from "./children.ts";
import { clipHashes, frameHashes, startForeign } from "./foreign-sources.ts";
import type { ForeignSource } from "./foreign-sources.ts";
import { Product } from "./product.ts";

/** Sources start one after the other, and the last must not run dry. */
const SPARE_SECONDS = 90;

export interface ForeignRow {
  readonly source: string;
  readonly seconds: number;
  readonly segments: number;
  readonly frames: number;
  /** From the first frame recorded to the last, by each frame's place in the clip that the source sent. */
  readonly expectedFrames: number;
  /** Segments about which ffmpeg had something to say, or could not decode. */
  readonly decodeErrors: number;
  /** Gaps in the chain between the first segment and the last. */
  readonly gaps: number;
}

function decodes(file: string): boolean {
  const { status, stderr } = spawnSync("ffmpeg", ["-v", "error", "-nostdin", "-threads", "1", "-i", file, "-f", "null", "-"], { encoding: "utf8" });
  if (status === 0 && stderr === "") return true;
  console.error(`${file}: ${stderr}`);
  return false;
}

/** Frames there should be: each frame stands so many places after the one before in the clip, which goes round. */
function expectedOf(places: readonly number[], loop: number): number {
  return places.reduce((sum, place, at) => sum + (at === 0 ? 1 : ((place - (places[at - 1] ?? 0) + loop - 1) % loop) + 1), 0);
}

async function measure(footage: string, source: ForeignSource): Promise<ForeignRow> {
  const stream = streamId(source.name as CameraId, "main");
  const clip = clipHashes(source.clip);
  const placeOf = new Map(clip.map((hash, place) => [hash, place]));
  const places: number[] = [];
  let [segments, decodeErrors, gaps, gapsSince, unknown] = [0, 0, 0, 0, 0];
  let [fromMs, toMs] = [0, 0];
  for await (const entry of readChain(systemDisk(), footage, sha256, stream, 1)) {
    if (entry.kind === "gap" && segments > 0) gapsSince += 1;
    if (entry.kind !== "segment") continue;
    if (segments === 0) fromMs = entry.startMs;
    gaps += gapsSince;
    gapsSince = 0;
    segments += 1;
    toMs = entry.endMs;
    const file = path.join(footage, entry.file);
    if (!decodes(file)) decodeErrors += 1;
    for (const hash of frameHashes(file, source.clip.endsWith("h265") ? "hevc" : "h264")) {
      const place = placeOf.get(hash);
      if (place === undefined) unknown += 1;
      else places.push(place);
    }
  }
  if (unknown > 0) console.error(`${source.name}: ${unknown} frames that the source never sent`);
  return {
    source: source.name,
    seconds: Math.round((toMs - fromMs) / 100) / 10,
    segments,
    frames: places.length + unknown,
    expectedFrames: expectedOf(places, clip.length),
    decodeErrors,
    gaps,
  };
}

/** Records servers that are not ours with the product as shipped, and compares what its files hold with what was sent. */
export async function foreign(seconds: number, dir: string): Promise<{ rows: ForeignRow[]; absent: readonly string[]; fsckClean: boolean }> {
  const folder = mkdtempSync(path.join(dir, "mingjian-foreign-"));
  const data = path.join(folder, "data");
  mkdirSync(data);
  const { sources, absent } = await startForeign(folder, seconds + SPARE_SECONDS);
  try {
    const product = await Product.start(data);
    for (const source of sources) await product.addCamera(source.name, source.url, undefined, source.transport);
    await sleep(seconds * 1000);
    await product.stop();
    for (const source of sources) await source.stop();
    const footage = path.join(data, "footage");
    const rows: ForeignRow[] = [];
    for (const source of sources) rows.push(await measure(footage, source));
    const report = await fsck(footage, { disk: systemDisk(), hash: sha256 });
    if (!report.clean) console.error(JSON.stringify(report.problems));
    return { rows, absent, fsckClean: report.clean };
  } finally {
    for (const source of sources) await source.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** `--seconds`, `--dir`. Sources that are not installed are left out and named. */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { seconds: { type: "string", default: "60" }, dir: { type: "string", default: tmpdir() } },
  });
  const { rows, absent, fsckClean } = await foreign(Number(values.seconds), values.dir);
  if (absent.length > 0) console.log(`not installed, left out: ${absent.join(", ")}`);
  console.log(JSON.stringify({ bench: "foreign", rows, absent, fsckClean }));
}

if (import.meta.main) await run(process.argv.slice(2));
