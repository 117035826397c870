import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { readFragmentHead } from "@mingjian/media";
import { isFault, streamId } from "@mingjian/vocab";
import type { CameraId } from "@mingjian/vocab";
import { sha256, systemDisk } from "../../ports/index.ts";
import { createRecorder, fsck, readChain, scanPath } from "../index.ts";
import type { TapEvent } from "../index.ts";
import { G711, clipOf, give, sinkOf } from "./feed.ts";
import { AAC, CAMERA, Camera, VIDEO, bench, check, settle, story, tempRoot } from "./help.ts";

const ffmpeg = spawnSync("ffmpeg", ["-version"]).status === 0;

/** Presentation times of a file's packets in decode order, in frames. */
function presentation(file: string): number[] {
  const text = execFileSync("ffprobe", ["-v", "error", "-select_streams", "v", "-show_entries", "packet=pts", "-of", "csv=p=0", file]).toString();
  const times = text
    .trim()
    .split("\n")
    .map((line) => Number(line.split(",")[0]));
  const sorted = [...times].sort((a, b) => a - b);
  const step = (sorted[1] as number) - (sorted[0] as number);
  return times.map((time) => (time - (sorted[0] as number)) / step);
}

for (const [name, codec, encoder] of [
  ["H.264 without B-frames", "h264", ["-c:v", "libx264", "-bf", "0", "-x264-params", "aud=1"]],
  ["H.264 with B-frames", "h264", ["-c:v", "libx264", "-bf", "3", "-x264-params", "aud=1"]],
  ["H.265 with B-frames", "h265", ["-c:v", "libx265", "-x265-params", "aud=1:bframes=3:keyint=50:log-level=none"]],
] as const) {
  test(`[R1] ${name}: ffmpeg decodes every frame from the files without a word`, { skip: ffmpeg ? false : "no ffmpeg here" }, async (t) => {
    const folder = mkdtempSync(path.join(tempRoot(t), "clip-"));
    const whole = path.join(folder, "clip.mp4");
    const raw = path.join(folder, "clip.raw");
    execFileSync("ffmpeg", ["-v", "error", "-f", "lavfi", "-i", "testsrc2=s=320x180:r=25", "-t", "9", ...encoder, "-g", "50", "-preset", "ultrafast", whole]);
    execFileSync("ffmpeg", [
      "-v",
      "error",
      "-i",
      whole,
      "-c",
      "copy",
      "-bsf:v",
      codec === "h264" ? "h264_mp4toannexb" : "hevc_mp4toannexb",
      "-f",
      codec === "h264" ? "h264" : "hevc",
      raw,
    ]);
    const clip = clipOf(readFileSync(raw), codec, 320, 180);
    const times = presentation(whole);
    assert.equal(clip.units.length, times.length);
    const one = await bench(tempRoot(t));
    const sink = sinkOf(one.recorder.open(CAMERA, [clip.config, G711]));
    const [video, audio] = sink.tracks;
    assert.ok(video !== undefined && audio !== undefined);
    for (const [index, unit] of clip.units.entries()) {
      one.clock.advance(40);
      sink.arrived(one.clock.monotonicMs());
      give(video, unit.bytes, 5_000_000 + (times[index] as number) * 3_600, unit.key);
      give(audio, new Uint8Array(320).fill(0xd5), 900 + index * 320, true);
    }
    sink.close("unreachable");
    await one.recorder.stop();
    assert.equal((await check(one)).clean, true);
    let frames = 0;
    for (const entry of one.entries) {
      if (entry.kind !== "segment") continue;
      const file = path.join(one.root, entry.file);
      const decoded = spawnSync("ffmpeg", ["-v", "error", "-i", file, "-f", "null", "-"]);
      assert.equal(decoded.stderr.toString(), "");
      frames += Number(
        execFileSync("ffprobe", [
          "-v",
          "error",
          "-select_streams",
          "v",
          "-count_frames",
          "-show_entries",
          "stream=nb_read_frames",
          "-of",
          "csv=p=0",
          file,
        ]).toString(),
      );
    }
    assert.equal(frames, clip.units.length);
  });
}

test("[R1] byte for byte, also what still waits for the disk when recording is switched off", async (t) => {
  const one = await bench(tempRoot(t));
  const camera = new Camera(one, CAMERA, 30_000);
  camera.connect();
  await camera.send(60);
  one.disk.stall();
  for (let i = 60; i < 260; i++) camera.frame();
  one.recorder.apply([{ stream: CAMERA, record: false }]);
  for (let i = 260; i < 500; i++) camera.frame();
  one.disk.resume();
  await settle(one.recorder);
  await one.recorder.stop();
  const file = path.join(one.root, one.entries.find((entry) => entry.kind === "segment")?.file ?? "");
  const bytes = readFileSync(file);
  const values: number[] = [];
  for (const part of (await scanPath(systemDisk(), file)).parts.slice(1)) {
    for (const sample of readFragmentHead(part.head)?.tracks[0]?.samples ?? []) {
      const at = part.offset + sample.offset;
      assert.ok(bytes.subarray(at, at + sample.size).every((byte) => byte === bytes[at]));
      values.push(bytes[at] ?? -1);
    }
  }
  assert.deepEqual(
    values,
    Array.from({ length: 260 }, (_, index) => index & 255),
  );
});

test("[R2] a segment ends before it would pass 60 s, at a key frame, and the next goes on where it ended", async (t) => {
  const one = await bench(tempRoot(t));
  const camera = new Camera(one);
  camera.connect();
  await camera.send(50 * 65 + 1);
  camera.close();
  await one.recorder.stop();
  const segments = one.entries.filter((entry) => entry.kind === "segment");
  assert.equal(segments.length, 3);
  assert.equal((segments[0]?.endMs as number) - (segments[0]?.startMs as number), 60_000);
  assert.equal(segments[1]?.startMs, segments[0]?.endMs);
  assert.deepEqual(
    segments.map((one) => [one.key, one.continues]),
    [
      [true, false],
      [true, true],
      [true, true],
    ],
  );
  assert.equal((await check(one)).clean, true);
});

test("[R2] a GOP of 25 s: the segment is cut at the key frame before 60 s; one of 100 s: at a fragment", async (t) => {
  const one = await bench(tempRoot(t));
  const short = new Camera(one, CAMERA, 50, 625);
  short.connect();
  await short.send(625 * 4);
  short.close();
  const other = streamId("gate-2" as CameraId, "main");
  const long = new Camera(one, other, 50, 2_500);
  long.connect();
  await long.send(2_500);
  long.close();
  await one.recorder.stop();
  const segments = one.entries.filter((entry) => entry.kind === "segment");
  const lengths = (camera: string): (number | boolean)[][] =>
    segments.filter((entry) => entry.file.startsWith(camera)).map((entry) => [entry.endMs - entry.startMs, entry.key]);
  assert.deepEqual(lengths("gate-1"), [
    [50_000, true],
    [50_000, true],
  ]);
  assert.equal(lengths("gate-2").length, 2);
  assert.ok(lengths("gate-2").every(([length]) => Number(length) <= 60_000));
  assert.deepEqual(
    lengths("gate-2").map(([, key]) => key),
    [true, false],
  );
});

test("[R3] each entry names the hash of the one before, from 64 zeros on, over chain files and restarts", async (t) => {
  const one = await bench(tempRoot(t));
  const camera = new Camera(one);
  camera.connect();
  await camera.send(60);
  camera.close("refused");
  await one.recorder.stop();
  const two = await one.again();
  const again = new Camera(two);
  again.connect();
  await again.send(60);
  await two.recorder.stop();
  let prev = "0".repeat(64);
  let seq = 0;
  for await (const entry of readChain(systemDisk(), one.root, sha256, CAMERA, 1)) {
    assert.equal(entry.prev, prev);
    assert.equal(entry.seq, seq + 1);
    prev = entry.hash;
    seq = entry.seq;
  }
  assert.equal(seq, one.entries.length + two.entries.length);
  assert.deepEqual(two.recorder.heads(), [{ stream: CAMERA, seq, hash: prev }]);
  const late: number[] = [];
  for await (const entry of two.recorder.readChain(CAMERA, seq - 1)) late.push(entry.seq);
  assert.deepEqual(late, [seq - 1, seq]);
});

test("[R8] every outage is a gap with its cause; a change of cause splits it; a restart is one too", async (t) => {
  const one = await bench(tempRoot(t));
  const camera = new Camera(one);
  camera.connect();
  await camera.send(100);
  camera.close("no-data");
  one.clock.advance(10_000);
  one.recorder.gapBegins(CAMERA, "unreachable");
  one.clock.advance(20_000);
  camera.connect();
  await camera.send(100);
  await one.recorder.stop();
  const two = await one.again();
  two.clock.advance(5_000);
  const again = new Camera(two);
  again.connect();
  await again.send(100);
  again.close("unauthorised");
  await settle(two.recorder);
  two.clock.advance(600_000);
  await settle(two.recorder);
  assert.deepEqual(story([...one.entries, ...two.entries]), [
    "segment 4000",
    "gap no-data 9960",
    "gap unreachable 20040",
    "segment 4000",
    "gap our-restart 5000",
    "segment 4000",
    "gap unauthorised 590960",
  ]);
  await two.recorder.stop();
  assert.equal((await check(one)).clean, true);
});

test("[R8] a stream switched off and on again: nothing is told while it is off, then one gap", async (t) => {
  const one = await bench(tempRoot(t));
  const camera = new Camera(one);
  camera.connect();
  await camera.send(100);
  one.recorder.apply([{ stream: CAMERA, record: false }]);
  await camera.send(100);
  one.clock.advance(1_200_000);
  await settle(one.recorder);
  assert.deepEqual(story(one.entries), ["segment 4000"]);
  await one.recorder.stop();
  const two = await one.again();
  two.recorder.apply([{ stream: CAMERA, record: false }]);
  two.clock.advance(1_200_000);
  await settle(two.recorder);
  two.recorder.apply([{ stream: CAMERA, record: true }]);
  const again = new Camera(two);
  again.connect();
  await again.send(100);
  await two.recorder.stop();
  assert.deepEqual(
    story(two.entries).map((line) => line.replace(/ \d+$/, "")),
    ["gap switched-off", "segment"],
  );
  assert.deepEqual((await check(two)).problems, []);
});

test("[R8] a camera that connects twice: the second takes the first's place", async (t) => {
  const one = await bench(tempRoot(t));
  const first = new Camera(one);
  first.connect();
  await first.send(75);
  const second = new Camera(one);
  second.connect();
  await second.send(50);
  await first.send(75);
  first.close("no-data");
  await second.send(50);
  assert.equal(one.recorder.states()[0]?.gap, undefined);
  await one.recorder.stop();
  assert.deepEqual((await check(one)).problems, []);
});

test("[R13] a folder of a newer version and a folder in use are refused", async (t) => {
  const root = tempRoot(t);
  const options = {
    disk: systemDisk(),
    clock: (await bench(root)).clock,
    hash: sha256,
    log: { info() {}, warn() {}, error() {} },
    root,
    ledger: { append: async () => {} },
  };
  const first = await createRecorder(options);
  await assert.rejects(createRecorder(options), (error) => isFault(error) && error.code === "data-folder-in-use");
  await first.stop();
  const second = await createRecorder(options);
  await second.stop();
  writeFileSync(path.join(root, "format.json"), '{"format":2}\n');
  await assert.rejects(createRecorder(options), (error) => isFault(error) && error.code === "data-folder-newer");
  await assert.rejects(fsck(root, options), (error) => isFault(error) && error.code === "data-folder-newer");
});

test("[R16] files and folders are named by UTC, whatever the zone, and the day's first segment starts its folder", async (t) => {
  const zone = process.env["TZ"];
  process.env["TZ"] = "Asia/Shanghai";
  t.after(() => {
    if (zone === undefined) delete process.env["TZ"];
    else process.env["TZ"] = zone;
  });
  const one = await bench(tempRoot(t));
  one.clock.step(Date.UTC(2026, 11, 31, 23, 59, 30) - one.clock.utcMs());
  const two = await one.again();
  const camera = new Camera(two);
  camera.connect();
  await camera.send(50 * 35 + 1);
  await two.recorder.stop();
  assert.deepEqual(readdirSync(path.join(two.root, "gate-1/main")).sort(), ["2026-12-31", "2027-01-01", "chain"]);
  const [first, second] = two.entries.filter((entry) => entry.kind === "segment");
  assert.equal(first?.file, "gate-1/main/2026-12-31/20261231T235930.040Z-00000001.mp4");
  assert.equal(second?.startMs, first?.endMs);
  assert.equal((await check(two)).clean, true);
});

function tapFrames(events: readonly TapEvent[]): Extract<TapEvent, { kind: "frame" }>[] {
  return events.filter((event) => event.kind === "frame");
}

for (const [where, gop, joined] of [
  ["in memory", 50, 20],
  ["in the file", 200, 120],
] as const) {
  test(`[R17] a viewer who joins gets the GOP so far, ${where}, then every frame as it comes`, async (t) => {
    const one = await bench(tempRoot(t));
    const camera = new Camera(one, CAMERA, 200, gop);
    camera.connect();
    await camera.send(gop + joined);
    const events: TapEvent[] = [];
    const leave = one.recorder.tap(CAMERA, (event) => events.push(event));
    camera.frame();
    camera.frame();
    await new Promise((resolve) => setTimeout(resolve, 20));
    camera.frame();
    assert.deepEqual(
      events.slice(0, 2).map((event) => event.kind),
      ["init", "frame"],
    );
    const frames = tapFrames(events);
    assert.equal(frames.length, joined + 3);
    assert.equal(frames[0]?.key, true);
    assert.deepEqual(
      frames.map((frame) => frame.seqNo),
      frames.map((_, index) => index + 1),
    );
    assert.equal(frames.filter((frame) => frame.cached).length, joined);
    const times = frames.map((frame) => frame.utcMs);
    assert.ok(times.every((time, index) => index === 0 || Math.abs(time - (times[index - 1] as number) - 40) < 0.01));
    assert.ok(Math.abs((times.at(-1) as number) - one.clock.utcMs()) < 1);
    leave();
    camera.frame();
    assert.equal(tapFrames(events).length, joined + 3);
    camera.close();
    await one.recorder.stop();
  });
}

test("[R17] a stream that is not recorded is watched the same way, and nothing is written", async (t) => {
  const one = await bench(tempRoot(t));
  const sub = streamId("gate-1" as CameraId, "sub");
  one.recorder.apply([{ stream: sub, record: false }]);
  const camera = new Camera(one, sub, 200, 150);
  camera.connect();
  await camera.send(150 + 110);
  const events: TapEvent[] = [];
  one.recorder.tap(sub, (event) => events.push(event));
  await new Promise((resolve) => setImmediate(resolve));
  camera.frame();
  assert.equal(tapFrames(events).length, 111);
  camera.close("no-data");
  assert.deepEqual(events.at(-1), { kind: "ended", cause: "no-data" });
  camera.connect();
  camera.frame();
  camera.frame();
  assert.equal(tapFrames(events).length, 113);
  const inits = events.filter((event) => event.kind === "init");
  assert.deepEqual(
    inits.map((event) => event.generation),
    [1, 2],
  );
  // The second connection began while the viewer watched: its time is known from its first frame on.
  const last = tapFrames(events).at(-1);
  assert.ok(last !== undefined && Math.abs(last.utcMs - one.clock.utcMs()) < 1);
  assert.ok(inits.every((event) => Math.abs(event.originUtcMs - one.clock.utcMs()) < 20_000));
  await one.recorder.stop();
  assert.equal(existsSync(path.join(one.root, "gate-1")), false);
});

test("[R21] other parameter sets begin a new segment with its own init, and a viewer a new generation", async (t) => {
  const one = await bench(tempRoot(t));
  const camera = new Camera(one);
  camera.connect();
  await camera.send(50);
  const events: TapEvent[] = [];
  one.recorder.tap(CAMERA, (event) => events.push(event));
  camera.sink?.tracks[0]?.config({ ...VIDEO, width: 1_280, height: 720, sps: [Uint8Array.of(0x67, 0x42, 0xc0, 0x1f, 0xd9, 0x00, 0x50, 0x05)] });
  await camera.send(50);
  camera.close();
  await one.recorder.stop();
  const segments = one.entries.filter((entry) => entry.kind === "segment");
  assert.deepEqual(
    segments.map((entry) => [entry.width, entry.height, entry.fragments]),
    [
      [640, 360, 1],
      [1_280, 720, 1],
    ],
  );
  assert.equal(segments[1]?.startMs, segments[0]?.endMs);
  assert.deepEqual(
    events.flatMap((event) => (event.kind === "init" ? [event.width] : [])),
    [640, 1_280],
  );
});

test("[R22] the file being written is told with what of it can be played, and reads as far", async (t) => {
  const one = await bench(tempRoot(t));
  const camera = new Camera(one);
  camera.connect();
  await camera.send(151);
  const open = one.recorder.states()[0]?.open;
  assert.ok(open !== undefined);
  assert.equal(open.endMs - open.startMs, 6_000);
  const scan = await scanPath(systemDisk(), path.join(one.root, open.file));
  assert.equal(scan.wholeBytes, open.bytes);
  assert.equal(scan.parts.length, 4);
  assert.equal((await check(one)).clean, true);
  await one.recorder.stop();
});

test("[R23] a camera's own clock stands beside ours in the chain and moves nothing", async (t) => {
  const one = await bench(tempRoot(t));
  const camera = new Camera(one);
  camera.connect();
  for (let i = 0; i < 100; i++) {
    camera.frame();
    camera.sink?.senderReport(0, one.clock.utcMs() + 3_600_000, camera.ticks - 3_600);
  }
  camera.close();
  await one.recorder.stop();
  const segment = one.entries.find((entry) => entry.kind === "segment");
  assert.equal(segment?.cameraAheadMs, 3_600_000);
  assert.equal(segment?.endMs, one.clock.utcMs() + 40);
});

test("[R1] AAC goes along with the picture and shares its segments", async (t) => {
  const one = await bench(tempRoot(t));
  const sink = sinkOf(one.recorder.open(CAMERA, [VIDEO, AAC]));
  const [video, audio] = sink.tracks;
  assert.ok(video !== undefined && audio !== undefined);
  for (let i = 0; i < 200; i++) {
    one.clock.advance(40);
    sink.arrived(one.clock.monotonicMs());
    give(video, new Uint8Array(300), i * 3_600, i % 50 === 0);
    if (i % 2 === 0) give(audio, new Uint8Array(100), 77 + i * 640, true);
  }
  sink.close("unreachable");
  await one.recorder.stop();
  const segment = one.entries.find((entry) => entry.kind === "segment");
  assert.equal(segment?.codecs, "avc1.42c01e,mp4a.40.2");
  assert.equal(segment?.fragments, 4);
  assert.equal((await check(one)).clean, true);
});
