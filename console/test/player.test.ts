import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { RETRY_MS_MAX, retryDelayMs } from "../src/player/backoff.ts";
import { frameTimes, readVideoTrack } from "../src/player/boxes.ts";
import { groupStep } from "../src/player/group-step.ts";
import type { Standing } from "../src/player/group-step.ts";
import { AIM_MS_MAX, AIM_MS_MIN, JUMP_BEHIND_MS, afterStall, controlLatency, startLatency } from "../src/player/latency.ts";
import { codecWord, parseServerMessage } from "../src/player/messages.ts";
import { bufferedEnd, nextRangeStart, rangeAt } from "../src/player/ranges.ts";

const SEED = 20261122;

test("latency: at its aim the playhead runs at 1, behind it runs a little faster, over a second behind it jumps", () => {
  const state = startLatency(0);
  assert.deepEqual(controlLatency(state, 110, 40, 0), { state: { aimMs: 100, movedAtMs: 0 }, rate: 1, jump: false });
  assert.equal(controlLatency(state, 200, 40, 0).rate, 1.05);
  assert.equal(controlLatency(state, 300, 40, 0).rate, 1.1);
  assert.equal(controlLatency(state, 900, 40, 0).rate, 1.2);
  assert.equal(controlLatency(state, JUMP_BEHIND_MS, 40, 0).jump, false);
  assert.equal(controlLatency(state, JUMP_BEHIND_MS + 1, 40, 0).jump, true);
});

test("latency: a stall raises the aim up to its limit, ten calm seconds lower it again", () => {
  let state = startLatency(0);
  for (let i = 0; i < 40; i += 1) state = afterStall(state, 0);
  assert.equal(state.aimMs, AIM_MS_MAX);
  assert.equal(controlLatency(state, AIM_MS_MAX, 40, 9_999).state.aimMs, AIM_MS_MAX);
  assert.equal(controlLatency(state, AIM_MS_MAX, 40, 10_000).state.aimMs, AIM_MS_MAX - 10);
});

test("latency: pictures far apart get a higher aim, so that a slow sub-stream does not stall", () => {
  assert.equal(controlLatency(startLatency(0), 100, 20, 0).state.aimMs, AIM_MS_MIN);
  assert.equal(controlLatency(startLatency(0), 100, 125, 0).state.aimMs, 227.5);
});

test("latency: the rate stays within what the ear and eye forgive, whatever is measured", () => {
  fc.assert(
    fc.property(fc.double({ min: -1e5, max: 1e6, noNaN: true }), fc.double({ min: 1, max: 5000, noNaN: true }), (behind, frame) => {
      const step = controlLatency(startLatency(0), behind, frame, 0);
      assert.ok(step.rate >= 0.95 && step.rate <= 1.2);
      assert.ok(step.state.aimMs >= AIM_MS_MIN && step.state.aimMs <= AIM_MS_MAX);
    }),
    { seed: SEED },
  );
});

test("messages: what the contract names is read, anything else is nothing", () => {
  const start = {
    type: "start",
    session: "s",
    camera: "c",
    stream: "sub",
    mime: "video/mp4",
    width: 1,
    height: 2,
    origin: 3,
    generation: 4,
  };
  assert.deepEqual(parseServerMessage(JSON.stringify(start)), start);
  assert.deepEqual(parseServerMessage('{"type":"gap","from":1,"to":2,"cause":"disk"}'), {
    type: "gap",
    from: 1,
    to: 2,
    cause: "disk",
  });
  assert.deepEqual(parseServerMessage('{"type":"end","code":"grant-revoked"}'), {
    type: "end",
    code: "grant-revoked",
    detail: "",
  });
  assert.deepEqual(parseServerMessage('{"type":"waiting","state":"backing-off","fault":null}'), {
    type: "waiting",
    state: "backing-off",
    fault: null,
  });
  for (const odd of [
    "",
    "null",
    "[]",
    "{}",
    '{"type":"start"}',
    '{"type":"gap","from":2,"to":1,"cause":"x"}',
    '{"type":"dance"}',
    `{"type":"end","code":"${"x".repeat(20_000)}"}`,
  ]) {
    assert.equal(parseServerMessage(odd), undefined, odd.slice(0, 40));
  }
});

test("messages: no text makes the reader throw", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => void parseServerMessage(text)),
    { seed: SEED },
  );
});

test("messages: codecs are named as people name them", () => {
  assert.equal(codecWord('video/mp4; codecs="hvc1.1.6.L93.B0"'), "H.265");
  assert.equal(codecWord('video/mp4; codecs="avc1.64001f,mp4a.40.2"'), "H.264");
  assert.equal(codecWord("video/mp4"), "video/mp4");
});

test("back-off: doubles, is spread, and has an end", () => {
  assert.equal(retryDelayMs(1, 0.5), 500);
  assert.equal(retryDelayMs(3, 0.5), 2000);
  assert.equal(retryDelayMs(1, 0), 375);
  assert.equal(retryDelayMs(1000, 0.5), RETRY_MS_MAX);
});

const ranges = (...spans: readonly [number, number][]) => ({
  length: spans.length,
  start: (i: number) => spans[i]?.[0] ?? Number.NaN,
  end: (i: number) => spans[i]?.[1] ?? Number.NaN,
});

test("ranges: the end, the range around an instant, and the one after", () => {
  const two = ranges([1, 3], [5, 8]);
  assert.equal(bufferedEnd(ranges()), undefined);
  assert.equal(bufferedEnd(two), 8);
  assert.deepEqual(rangeAt(two, 2.9), { from: 1, to: 3 });
  assert.equal(rangeAt(two, 2.97, 0.05), undefined);
  assert.equal(rangeAt(two, 4), undefined);
  assert.equal(nextRangeStart(two, 4), 5);
  assert.equal(nextRangeStart(two, 5), undefined);
});

const ready: Standing = { kind: "ready" };
const loading: Standing = { kind: "loading" };
const gap = (to: number): Standing => ({ kind: "gap", from: 0, to, cause: "disk" });

test("group: the first camera with a picture leads, one that loads makes the others wait while there is patience", () => {
  assert.deepEqual(groupStep([gap(9), ready, ready], [true, true, true]), { kind: "run", leader: 1 });
  assert.deepEqual(groupStep([ready, loading], [true, true]), { kind: "wait" });
  assert.deepEqual(groupStep([ready, loading], [true, false]), { kind: "run", leader: 0 });
  assert.deepEqual(groupStep([loading], [false]), { kind: "wait" });
});

test("group: only when every camera has a gap it skips, to where the first picture comes", () => {
  assert.deepEqual(groupStep([gap(900), gap(400), { kind: "end", at: 1 }], [true, true, true]), {
    kind: "skip",
    from: 0,
    to: 400,
    cause: "disk",
  });
  assert.deepEqual(
    groupStep(
      [
        { kind: "end", at: 1 },
        { kind: "refused", code: "x", detail: "" },
      ],
      [true, true],
    ),
    { kind: "end" },
  );
  assert.deepEqual(groupStep([{ kind: "refused", code: "x", detail: "" }], [true]), { kind: "none" });
  assert.deepEqual(groupStep([], []), { kind: "none" });
});

const u32 = (...values: readonly number[]): number[] => values.flatMap((v) => [(v >>> 24) & 255, (v >>> 16) & 255, (v >>> 8) & 255, v & 255]);
const box = (type: string, ...body: readonly number[][]): number[] => {
  const flat = body.flat();
  return [...u32(flat.length + 8), ...[...type].map((c) => c.charCodeAt(0)), ...flat];
};
const INIT = Uint8Array.from(
  box(
    "moov",
    box("trak", box("tkhd", u32(0, 0, 0, 7, 0, 0)), box("mdia", box("mdhd", u32(0, 0, 0, 90_000, 0, 0)), box("hdlr", u32(0, 0, 0x76696465)))),
    box("mvex", box("trex", u32(0, 7, 1, 3600, 0, 0))),
  ),
);
const moof = (track: number, trun: number[]): Uint8Array =>
  Uint8Array.from([
    ...box("moof", box("traf", box("tfhd", u32(0x020000, track)), box("tfdt", u32(0x01000000, 0, 900_000)), box("trun", trun))),
    ...box("mdat", [1, 2, 3]),
  ]);

test("boxes: frames with durations of their own, with the default, and shown out of order", () => {
  const track = readVideoTrack(INIT);
  assert.deepEqual(track, { id: 7, timescale: 90_000, defaultDuration: 3600 });
  assert.ok(track !== undefined);
  assert.deepEqual(frameTimes(moof(7, u32(0x100, 2, 1800, 1800)), track), [10, 10.02]);
  assert.deepEqual(frameTimes(moof(7, u32(0, 3)), track), [10, 10.04, 10.08]);
  assert.deepEqual(frameTimes(moof(7, u32(0x01000800, 3, 7200, 0, -7200)), track), [10, 10.04, 10.08]);
  assert.deepEqual(frameTimes(moof(8, u32(0, 3)), track), []);
});

test("boxes: cut, changed or random bytes give fewer frames, never an error", () => {
  const whole = moof(7, u32(0x100, 2, 1800, 1800));
  const track = readVideoTrack(INIT);
  assert.ok(track !== undefined);
  for (let cut = 0; cut < whole.length; cut += 1) frameTimes(whole.subarray(0, cut), track);
  for (let cut = 0; cut < INIT.length; cut += 1) readVideoTrack(INIT.subarray(0, cut));
  fc.assert(
    fc.property(fc.nat(whole.length - 1), fc.nat(255), fc.uint8Array({ maxLength: 200 }), (at, value, noise) => {
      const changed = whole.slice();
      changed[at] = value;
      frameTimes(changed, track);
      frameTimes(noise, track);
      readVideoTrack(noise);
    }),
    { seed: SEED },
  );
});
