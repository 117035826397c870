import assert from "node:assert/strict";
import { test } from "node:test";
import { loadAudio, loadClip } from "../src/clip.ts";
import type { ClipName } from "../src/clip.ts";
import type { Faults } from "../src/options.ts";
import { prepareAudio, prepareVideo } from "../src/packets.ts";
import type { Lane } from "../src/sender.ts";
import { BACKLOG_BYTES_MAX, Sender } from "../src/sender.ts";

interface Seen {
  sequences: number[];
  timestamps: number[];
  frames: number;
  reports: Buffer[];
  backlogBytes: number;
}

function lane(): { seen: Seen; lane: Lane } {
  const seen: Seen = { sequences: [], timestamps: [], frames: 0, reports: [], backlogBytes: 0 };
  return {
    seen,
    lane: {
      send: (bytes, starts) => {
        seen.frames += 1;
        for (const start of starts) seen.sequences.push(bytes.readUInt16BE(start + 6));
        if (starts[0] !== undefined) seen.timestamps.push(bytes.readUInt32BE(starts[0] + 8));
        return false;
      },
      report: (packet) => seen.reports.push(packet),
      backlogBytes: () => seen.backlogBytes,
    },
  };
}

function sender(clip: ClipName, faults: Faults, nowMs: number, to: Lane, audio?: Lane): Sender {
  const loaded = loadClip(clip);
  return new Sender(
    {
      phaseMs: 0,
      video: prepareVideo(loaded),
      otherVideo: prepareVideo(loadClip("sub")),
      audio: prepareAudio(loadAudio("aac")),
      faults,
      begin: "next-key",
      codec: loaded.codec,
    },
    { video: to, audio },
    nowMs,
  );
}

const START_MS = 1_800_000_000_000;

function run(one: Sender, fromMs: number, frames: number): void {
  for (let frame = 0; frame < frames; frame++) one.advance(fromMs + frame * 40);
}

function stepsOf(values: readonly number[], modulus: number): Set<number> {
  return new Set(values.slice(1).map((value, index) => (value - (values[index] as number) + modulus) % modulus));
}

for (const clip of ["street", "sub", "street-h265", "bench"] as const) {
  test(`[S1] ${clip} goes on over its end`, () => {
    const { seen, lane: to } = lane();
    const frames = 2 * loadClip(clip).frames.length + 60;
    run(sender(clip, {}, START_MS, to), START_MS, frames);
    assert.deepEqual(stepsOf(seen.sequences, 65_536), new Set([1]));
    assert.deepEqual(stepsOf(seen.timestamps, 2 ** 32), new Set([3600]));
    assert.ok(seen.frames > frames - 52);
  });
}

test("[S1] audio goes on over its end, and keeps pace with the picture", () => {
  const video = lane();
  const audio = lane();
  run(sender("street", {}, START_MS, video.lane, audio.lane), START_MS, 1000);
  assert.deepEqual(stepsOf(audio.seen.sequences, 65_536), new Set([1]));
  assert.deepEqual(stepsOf(audio.seen.timestamps, 2 ** 32), new Set([1024]));
  assert.ok(Math.abs(audio.seen.frames * 64 - video.seen.frames * 40) <= 64);
});

test("[S1] B-frames are shown once each, none before it is decoded", () => {
  const clip = loadClip("bframes");
  assert.deepEqual(
    clip.frames.map((frame) => frame.shownAt).sort((a, b) => a - b),
    clip.frames.map((_, index) => index),
  );
  assert.ok(clip.reorderFrames > 0);
  assert.ok(clip.frames.every((frame, index) => frame.shownAt + clip.reorderFrames >= index));
});

test("[S1] every clip has a key frame every 50 frames and its parameter sets in each", () => {
  for (const name of ["street", "sub", "bframes", "street-h265", "bench"] as const) {
    const clip = loadClip(name);
    clip.frames.forEach((frame, index) => assert.equal(frame.key, index % 50 === 0, `${name} ${index}`));
    assert.equal(clip.parameterSets.length, clip.codec === "h264" ? 2 : 3);
  }
});

test("[S2] a sender report ties the timestamp to the instant of the frame", () => {
  const { seen, lane: to } = lane();
  run(sender("street", { clockOffsetMs: 3_600_000 }, START_MS, to), START_MS, 200);
  const report = seen.reports[0];
  assert.ok(report !== undefined);
  const utcMs = (report.readUInt32BE(12) - 2_208_988_800) * 1000 + (report.readUInt32BE(16) / 2 ** 32) * 1000;
  assert.equal(Math.round(utcMs) - 3_600_000, START_MS + 2000 - (START_MS % 2000));
  assert.equal(report.readUInt32BE(20), seen.timestamps[0]);
});

test("[S6] at the backlog limit frames still come; one byte past it they wait for the next key frame", () => {
  const { seen, lane: to } = lane();
  const one = sender("street", {}, START_MS, to);
  run(one, START_MS, 101);
  seen.backlogBytes = BACKLOG_BYTES_MAX;
  const before = seen.frames;
  one.advance(START_MS + 101 * 40);
  assert.equal(seen.frames, before + 1);
  seen.backlogBytes = BACKLOG_BYTES_MAX + 1;
  one.advance(START_MS + 102 * 40);
  assert.equal(seen.frames, before + 1);
  seen.backlogBytes = 0;
  run(one, START_MS + 103 * 40, 100);
  assert.ok(one.counts.skippedFrames > 0 && one.counts.skippedFrames <= 100);
  assert.equal(one.counts.firstFrame + one.counts.frames + one.counts.skippedFrames - 1 - one.counts.lastFrame, 0);
});

test("[S5] dropped packets leave holes in the sequence", () => {
  const { seen, lane: to } = lane();
  run(sender("street", { dropEvery: 10 }, START_MS, to), START_MS, 200);
  assert.deepEqual(stepsOf(seen.sequences, 65_536), new Set([1, 2]));
});

test("[S5] timestamps go backward, jump and stand still", () => {
  const seenWith = (timestamps: "backward" | "jump" | "frozen"): Set<number> => {
    const { seen, lane: to } = lane();
    run(sender("street", { timestamps }, START_MS, to), START_MS, 250);
    return stepsOf(seen.timestamps, 2 ** 32);
  };
  assert.deepEqual(seenWith("frozen"), new Set([0]));
  assert.deepEqual(seenWith("jump"), new Set([3600, 3600 + 3600 * 90_000]));
  assert.deepEqual(seenWith("backward"), new Set([3600, 2 ** 32 + 3600 - 90_000, 3600 + 90_000]));
});

test("[S5] the resolution changes at a key frame, both ways", () => {
  const spsSeen: string[] = [];
  const to: Lane = {
    send: (bytes, starts) => {
      const payload = bytes.subarray((starts[0] ?? 0) + 16, starts[1]);
      if (((payload[0] ?? 0) & 31) === 7) spsSeen.push(payload.toString("hex"));
      return false;
    },
    report: () => undefined,
    backlogBytes: () => 0,
  };
  run(sender("street", { resolutionChangeMs: 2000 }, START_MS, to), START_MS, 400);
  assert.equal(new Set(spsSeen).size, 2);
  assert.ok(spsSeen.filter((sps, index) => index > 0 && sps !== spsSeen[index - 1]).length >= 4);
});

test("[S5] silence begins when asked", () => {
  const { seen, lane: to } = lane();
  run(sender("street", { silentAfterMs: 3000 }, START_MS, to), START_MS, 200);
  assert.ok(seen.frames > 0 && seen.frames <= 75);
});
