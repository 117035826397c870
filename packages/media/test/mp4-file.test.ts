import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  LiveMuxer,
  PARTS_MAX,
  SEAL_BYTES,
  indexBox,
  indexBytes,
  initSegment,
  lonelyFragment,
  readFragmentHead,
  readIndex,
  readInit,
  readSeal,
  sampleFragment,
  scanSegment,
  sealBox,
  segmentPreimage,
  shiftFragment,
} from "../src/index.ts";
import type { ScanResult, VideoConfig } from "../src/index.ts";
import { AAC, FRAME, Feed, G711, VIDEO, fileOf, sha256 } from "./mp4-feed.ts";

/** Top-level boxes by name; throws where sizes do not add up. */
function boxes(bytes: Uint8Array): string[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const names: string[] = [];
  let at = 0;
  while (at < bytes.length) {
    const size = view.getUint32(at);
    assert.ok(size >= 8 && at + size <= bytes.length);
    names.push(String.fromCharCode(...bytes.subarray(at + 4, at + 8)));
    at += size;
  }
  return names;
}

function scan(bytes: Uint8Array): ScanResult {
  const steps = scanSegment(bytes.length);
  let step = steps.next();
  for (let reads = 0; step.done !== true; reads++) {
    assert.ok(reads < 1_000_000);
    step = steps.next(bytes.subarray(step.value.offset, step.value.offset + step.value.length));
  }
  return step.value;
}

function recorded(): Uint8Array {
  const feed = new Feed([VIDEO, AAC]);
  for (let i = 0; i < 150; i++) {
    feed.arrivedMs += 40;
    feed.put(i * FRAME, i % 50 === 0, 300 + i, i & 255);
    if (i % 2 === 0) feed.put(77 + i * 640, true, 40, 200, 1);
  }
  return fileOf(feed.done());
}

test("[M70] a file is an init segment and fragments, each sealed, and an index; every size adds up", () => {
  const bytes = recorded();
  assert.deepEqual(boxes(bytes), ["ftyp", "moov", "uuid", ...Array.from({ length: 3 }, () => ["prft", "moof", "mdat", "uuid"]).flat(), "uuid"]);
  const found = scan(bytes);
  assert.equal(found.parts.length, 4);
  assert.equal(found.torn, false);
  for (const part of found.parts) assert.deepEqual(sha256(bytes.subarray(part.offset, part.offset + part.bytes)), part.digest);
  assert.deepEqual(
    found.index?.map((part) => part.digest),
    found.parts.map((part) => part.digest),
  );
});

test("[M71] a file tells its samples, keys and wall time again", () => {
  const found = scan(recorded());
  assert.deepEqual(
    readInit(found.parts[0]?.head ?? new Uint8Array()).map((track) => [track.id, track.kind, track.timescale, track.entry, track.width, track.height]),
    [
      [1, "video", 90_000, "avc1", 640, 360],
      [2, "audio", 16_000, "mp4a", 0, 0],
    ],
  );
  const heads = found.parts.slice(1).map((part) => readFragmentHead(part.head));
  assert.deepEqual(
    heads.map((head) => head?.utcMs),
    [1_795_342_500_040, 1_795_342_502_040, 1_795_342_504_040],
  );
  const video = heads.flatMap((head) => head?.tracks.find((track) => track.trackId === 1)?.samples ?? []);
  assert.deepEqual(
    video.map((one) => [one.dts, one.size, one.key]),
    Array.from({ length: 150 }, (_, i) => [i * FRAME, 300 + i, i % 50 === 0]),
  );
  const audio = heads.flatMap((head) => head?.tracks.find((track) => track.trackId === 2)?.samples ?? []);
  assert.deepEqual(
    audio.map((one) => one.pts),
    Array.from({ length: 75 }, (_, i) => i * 1_280),
  );
});

test("[M71] wall times to the microsecond, beyond the wrap of NTP in 2036", () => {
  for (const utcMs of [1_795_342_500_040.123, Date.UTC(2036, 1, 7, 6, 28, 15) + 0.999, Date.UTC(2036, 1, 7, 6, 28, 16), Date.UTC(2099, 0, 1) + 0.5]) {
    const feed = new Feed();
    feed.run(2, 50);
    const part = scan(fileOf(feed.done(), utcMs)).parts[1];
    assert.ok(part !== undefined);
    assert.ok(Math.abs((readFragmentHead(part.head)?.utcMs ?? 0) - utcMs) < 0.000_9);
  }
});

test("[M72] cut off anywhere, a file gives its whole fragments and no more", () => {
  const bytes = recorded();
  const ends = scan(bytes).parts.map((part) => part.offset + part.bytes + SEAL_BYTES);
  for (let length = 0; length < bytes.length; length += 7) {
    const found = scan(bytes.subarray(0, length));
    const whole = ends.filter((end) => end <= length);
    assert.equal(found.parts.length, whole.length);
    assert.equal(found.wholeBytes, whole.at(-1) ?? 0);
    assert.equal(found.index, undefined);
    assert.equal(found.torn, length > found.wholeBytes);
  }
});

test("[M73] no bytes make the readers throw or loop", () => {
  const bytes = recorded();
  const change = fc.record({ at: fc.nat({ max: bytes.length - 1 }), value: fc.nat({ max: 255 }) });
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 12 }), fc.nat({ max: bytes.length }), (changes, length) => {
      const spoilt = bytes.slice(0, Math.max(length, 16));
      for (const { at, value } of changes) if (at < spoilt.length) spoilt[at] = value;
      const found = scan(spoilt);
      for (const part of found.parts) {
        readInit(part.head);
        readFragmentHead(part.head);
        shiftFragment(part.head, () => 1);
      }
    }),
    { seed: 3, numRuns: 3_000 },
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (noise) => {
      scan(noise);
      readInit(noise);
      readFragmentHead(noise);
      readIndex(noise);
      indexBytes(noise);
      readSeal(noise, 0);
      shiftFragment(noise, () => 5);
    }),
    { seed: 4, numRuns: 3_000 },
  );
});

test("[M74] index and seal read as written; the index box is limited", () => {
  const digest = sha256(Uint8Array.of(1));
  assert.deepEqual(readSeal(sealBox(digest), 0), digest);
  const part = { bytes: 7, digest, key: true, utcMs: 1_795_342_500_040.5, durationMs: 2_000.25 };
  for (const [count, good] of [
    [1, true],
    [PARTS_MAX, true],
    [PARTS_MAX + 1, false],
  ] as const) {
    const box = indexBox(Array.from({ length: count }, () => part));
    assert.equal(indexBytes(box), good ? box.length : undefined);
    assert.deepEqual(readIndex(box)?.at(-1), good ? part : undefined);
  }
  const preimage = segmentPreimage([part]);
  assert.equal(new TextDecoder().decode(preimage.subarray(0, 20)), "mingjian-segment-v1\n");
  assert.deepEqual([...preimage.subarray(20, 28)], [0, 0, 0, 0, 0, 0, 0, 7]);
  assert.deepEqual(preimage.slice(28), digest);
});

test("[M75] a fragment's time is moved per track, its bytes are not", () => {
  const part = scan(recorded()).parts[2];
  assert.ok(part !== undefined);
  const moved = readFragmentHead(shiftFragment(part.head, (track) => (track === 1 ? 900_000 : -1e12)));
  const still = readFragmentHead(part.head);
  const first = (head: typeof still, track: number): number | undefined => head?.tracks[track]?.samples[0]?.dts;
  assert.equal(first(moved, 0), (first(still, 0) ?? 0) + 900_000);
  assert.equal(first(moved, 1), 0);
  assert.equal(moved?.payloadBytes, still?.payloadBytes);
});

test("[M76] one sample stands as a fragment of its own", () => {
  const alone = lonelyFragment({ trackId: 3, sequence: 9, dts: 1_000, pts: 900, durationTicks: 40, key: true }, 5, (target, at) => target.fill(7, at));
  const head = readFragmentHead(alone);
  assert.deepEqual(head?.tracks, [{ trackId: 3, samples: [{ dts: 1_000, pts: 900, durationTicks: 40, offset: head?.headBytes ?? 0, size: 5, key: true }] }]);
  assert.deepEqual([...alone.subarray(head?.headBytes)], [7, 7, 7, 7, 7]);
  const sample = head?.tracks[0]?.samples[0];
  assert.ok(sample !== undefined);
  const again = readFragmentHead(sampleFragment(3, 1, sample, Uint8Array.of(1, 2), 5_000));
  assert.deepEqual(again?.tracks[0]?.samples[0], { ...sample, dts: 5_000, pts: 5_000, offset: again?.headBytes ?? 0, size: 2 });
});

for (const [name, order] of [
  ["even frames", [0, 1, 2, 3, 4, 5, 6, 7, 8]],
  ["a camera that drops frames", [0, 1, 2, 9, 10, 11, 40, 41, 42, 43]],
  ["B-frames", [0, 3, 1, 2, 6, 4, 5, 9, 7, 8, 12, 10, 11]],
] as const) {
  test(`[M77] live, ${name}: decode times grow, by at most two usual frames`, () => {
    const muxer = new LiveMuxer([VIDEO, G711]);
    assert.deepEqual(muxer.included, [0]);
    assert.equal(muxer.codecs, "avc1.42c01e");
    let last: { dts: number; duration: number } | undefined;
    for (const frame of order) {
      const live = muxer.frame(0, frame * FRAME, frame === 0, 4, (target, at) => target.fill(1, at));
      const sample = readFragmentHead(live?.bytes ?? new Uint8Array())?.tracks[0]?.samples[0];
      assert.ok(sample !== undefined && live !== undefined);
      assert.equal(sample.pts, frame * FRAME + 90_000);
      assert.equal(live.mediaMs, frame * 40 + 1_000);
      if (last !== undefined) assert.ok(sample.dts > last.dts && sample.dts - last.dts < 2 * last.duration);
      last = { dts: sample.dts, duration: sample.durationTicks };
    }
    assert.equal(
      muxer.frame(1, 0, true, 4, () => {}),
      undefined,
    );
  });
}

test("[M78] init segments name each codec as ISO/IEC 14496-15 and players want it", () => {
  const h265: VideoConfig = {
    ...VIDEO,
    codec: "h265",
    codecString: "hvc1.1.6.L93.90",
    vps: [Uint8Array.of(0x40, 1, 0x0c, 1, 0xff, 0xff, 1, 0x60, 0, 0, 3, 0, 0x90, 0, 0, 3, 0, 0, 3, 0, 0x5d, 0x95, 0x98, 9)],
    sps: [
      Uint8Array.of(
        0x42,
        1,
        1,
        1,
        0x60,
        0,
        0,
        3,
        0,
        0x90,
        0,
        0,
        3,
        0,
        0,
        3,
        0,
        0x5d,
        0xa0,
        2,
        0x80,
        0x80,
        0x2d,
        0x16,
        0x59,
        0x59,
        0xa4,
        0x93,
        0x2b,
        0xc0,
        0x5a,
        2,
        0,
        0,
        3,
        0,
        2,
        0,
        0,
        3,
        0,
        0x32,
        0x10,
      ),
    ],
    pps: [Uint8Array.of(0x44, 1, 0xc1, 0x72, 0xb4, 0x62, 0x40)],
  };
  const bytes = initSegment([h265, AAC, G711, { ...G711, codec: "pcma" }]);
  assert.deepEqual(
    readInit(bytes).map((track) => track.entry),
    ["hvc1", "mp4a", "ulaw", "alaw"],
  );
  const text = String.fromCharCode(...bytes);
  const hvcC = text.indexOf("hvcC") + 4;
  // Version 1; Main profile, compatibility flags, constraints without emulation prevention, level 93; 4:2:0, 8 bits.
  assert.deepEqual([...bytes.subarray(hvcC, hvcC + 13)], [1, 1, 0x60, 0, 0, 0, 0x90, 0, 0, 0, 0, 0, 0x5d]);
  assert.deepEqual([...bytes.subarray(hvcC + 16, hvcC + 19)], [0xfd, 0xf8, 0xf8]);
  const high: VideoConfig = { ...VIDEO, sps: [Uint8Array.of(0x67, 0x64, 0, 0x28, 0xac, 0xd9, 0x40, 0x78)] };
  const avcC = initSegment([high]);
  const at = String.fromCharCode(...avcC).indexOf("avcC");
  // High profile: chroma format 1, 8 bits, after the parameter sets.
  assert.deepEqual([...avcC.subarray(at + 4, at + 10)], [1, 0x64, 0, 0x28, 0xff, 0xe1]);
  assert.deepEqual([...avcC.subarray(at + 4 + 6 + 2 + 8 + 1 + 2 + 4, at + 4 + 6 + 2 + 8 + 1 + 2 + 8)], [0xfd, 0xf8, 0xf8, 0]);
});
