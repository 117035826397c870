import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import type { ClipName } from "../src/clip.ts";
import { CLIPS, loadClip } from "../src/clip.ts";
import { readCounter } from "../src/counter.ts";

const hasFfmpeg = spawnSync("ffmpeg", ["-version"]).status === 0;

/** Only the strip's rows, made small: 24 by 18 pixels a picture. */
function strips(clip: ClipName): Buffer {
  const file = fileURLToPath(new URL(`../clips/${clip}.${CLIPS[clip].codec}`, import.meta.url));
  const filter = "crop=iw:ih/18:0:0,scale=240:10:flags=neighbor,format=gray";
  const run = spawnSync("ffmpeg", ["-loglevel", "error", "-nostdin", "-i", file, "-vf", filter, "-fps_mode", "passthrough", "-f", "rawvideo", "-"], {
    maxBuffer: 64 << 20,
  });
  assert.equal(run.status, 0, run.stderr.toString());
  assert.equal(run.stderr.toString(), "");
  return run.stdout;
}

for (const clip of Object.keys(CLIPS) as ClipName[]) {
  test(`[S9] ${clip} decodes without a word and counts its frames`, { skip: hasFfmpeg ? false : "ffmpeg is not installed" }, () => {
    const pixels = strips(clip);
    const frameBytes = 240 * 10;
    const read = Array.from({ length: pixels.length / frameBytes }, (_, frame) =>
      readCounter(240, 180, (x, y) => pixels[frame * frameBytes + y * 240 + x] ?? 0),
    );
    assert.deepEqual(
      read,
      loadClip(clip).frames.map((_, index) => index),
    );
  });
}
