import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { TestClock } from "../../ports/index.ts";
import { DELAY_WINDOW_MS, MediaClock, OVERLAP_MS_MAX, RESYNC_MS, SLEW_MAX, STEP_MS } from "../media-clock.ts";
import type { Stamp } from "../media-clock.ts";
import { CAMERA, Camera, bench, check, settle, story, tempRoot } from "./help.ts";

const HOUR = 3_600_000;

for (const [name, stepMs] of [
  ["back", -HOUR],
  ["ahead", HOUR],
] as const) {
  test(`[R14] our clock steps an hour ${name}: a cut with a clock entry, order kept, no span of an era overlaps`, async (t) => {
    const one = await bench(tempRoot(t));
    const camera = new Camera(one);
    camera.connect();
    await camera.send(150);
    one.clock.step(stepMs);
    await camera.send(150);
    camera.close();
    await settle(one.recorder);
    await one.recorder.stop();
    const told = story(one.entries);
    assert.equal(told[0], "segment 4000");
    assert.equal(told[1], `clock ${stepMs}`);
    assert.deepEqual(told.slice(2), stepMs < 0 ? ["segment 8000"] : ["gap clock 3600000", "segment 8000"]);
    assert.deepEqual(
      one.entries.flatMap((entry) => (entry.kind === "segment" ? [entry.era] : [])),
      stepMs < 0 ? [0, 1] : [0, 0],
    );
    const last = one.entries.findLast((entry) => entry.kind === "segment");
    assert.equal(last?.kind === "segment" ? last.endMs : 0, one.clock.utcMs() + 40);
    assert.deepEqual((await check(one)).problems, []);
  });
}

test("[R14] the clock went back while the server was down: a new era", async (t) => {
  const one = await bench(tempRoot(t));
  const camera = new Camera(one);
  camera.connect();
  await camera.send(100);
  await one.recorder.stop();
  one.clock.step(-HOUR);
  const two = await one.again();
  const again = new Camera(two);
  again.connect();
  await again.send(100);
  await two.recorder.stop();
  assert.deepEqual(
    two.entries.map((entry) => ("era" in entry ? [entry.kind, entry.era] : [entry.kind])),
    [
      ["clock", 1],
      ["segment", 1],
    ],
  );
  assert.deepEqual((await check(two)).problems, []);
  const three = await two.again();
  assert.equal(three.recorder.states()[0]?.gap, "our-restart");
  await three.recorder.stop();
});

test("[R15] a camera whose clock runs 200 ppm fast is slewed: spans touch, and stay with our clock", () => {
  const clock = new TestClock();
  const media = new MediaClock(clock, undefined, 0);
  let last: Stamp | undefined;
  for (let k = 0; k < 1_800; k++) {
    clock.advance(2_000);
    const endMs = (k + 1) * 2_000 * 1.0002;
    const stamp = media.stamp({ run: 0, startMs: k * 2_000 * 1.0002, endMs, delayMsMin: clock.monotonicMs() - endMs });
    if (last !== undefined) {
      assert.equal(stamp.startMs, last.endMs);
      assert.equal(stamp.continues, true);
      assert.ok(Math.abs(stamp.slewMs) <= 2_000.4 * SLEW_MAX);
    }
    last = stamp;
  }
  assert.ok(Math.abs((last?.endMs ?? 0) - clock.utcMs()) < 20, `${(last?.endMs ?? 0) - clock.utcMs()} ms off`);
});

test("[R15] the least delayed sample anchors a run, and jitter does not move it", () => {
  const clock = new TestClock();
  const media = new MediaClock(clock, undefined, 0);
  const first = media.stamp({ run: 0, startMs: 0, endMs: 2_000, delayMsMin: clock.monotonicMs() - 2_000 });
  clock.advance(2_000);
  const late = media.stamp({ run: 0, startMs: 2_000, endMs: 4_000, delayMsMin: clock.monotonicMs() - 4_000 + 300 });
  assert.equal(late.startMs, first.endMs);
  assert.equal(late.slewMs, 0);
  assert.equal(DELAY_WINDOW_MS, 60_000);
});

test("[R15] a mapping off by more than 2 s begins a new run instead of being slewed", () => {
  for (const [off, continues] of [
    [RESYNC_MS, true],
    [RESYNC_MS + 1, false],
  ] as const) {
    const clock = new TestClock();
    const media = new MediaClock(clock, undefined, 0);
    media.stamp({ run: 0, startMs: 0, endMs: 2_000, delayMsMin: clock.monotonicMs() });
    const next = media.stamp({ run: 0, startMs: 70_000, endMs: 72_000, delayMsMin: clock.monotonicMs() + off });
    assert.equal(next.continues, continues);
  }
});

test("[R14] a wall clock that moves by a second is a step; by less it is slewed", () => {
  for (const [moved, stepped] of [
    [STEP_MS - 1, false],
    [STEP_MS, true],
    [-STEP_MS, true],
    [1 - STEP_MS, false],
  ] as const) {
    const clock = new TestClock();
    const media = new MediaClock(clock, undefined, 0);
    media.stamp({ run: 0, startMs: 0, endMs: 2_000, delayMsMin: clock.monotonicMs() });
    clock.step(moved);
    const next = media.stamp({ run: 0, startMs: 2_000, endMs: 4_000, delayMsMin: clock.monotonicMs() });
    assert.equal(next.step !== undefined, stepped);
    assert.equal(next.continues, !stepped);
  }
});

test("[R14] footage said to begin before what is recorded ends is moved up by 10 s at most", () => {
  const clock = new TestClock();
  const now = clock.utcMs();
  const span = { run: 0, startMs: 0, endMs: 2_000, delayMsMin: clock.monotonicMs() };
  const moved = new MediaClock(clock, now + OVERLAP_MS_MAX, 3).stamp(span);
  assert.deepEqual([moved.startMs, moved.era], [now + OVERLAP_MS_MAX, 3]);
  const back = new MediaClock(clock, now + OVERLAP_MS_MAX + 1, 3).stamp(span);
  assert.deepEqual([back.startMs, back.era, back.step?.toMs], [now, 4, now]);
});

test("[R14] whatever clocks and cameras do, spans of an era are in order and never overlap", () => {
  const event = fc.record({
    length: fc.integer({ min: 1, max: 3_000 }),
    wait: fc.integer({ min: 0, max: 5_000 }),
    step: fc.constantFrom(0, 0, 0, 0, -HOUR, HOUR, -1_500, 900, -900),
    delay: fc.integer({ min: 0, max: 4_000 }),
    run: fc.boolean(),
    reset: fc.constantFrom(false, false, false, true),
  });
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), (events) => {
      const clock = new TestClock();
      const media = new MediaClock(clock, undefined, 0);
      let at = 0;
      let run = 0;
      let last: Stamp | undefined;
      for (const one of events) {
        clock.advance(one.wait);
        clock.step(one.step);
        if (one.run) run += 1;
        if (one.reset) {
          media.reset();
          at = 0;
        }
        const stamp = media.stamp({ run, startMs: at, endMs: at + one.length, delayMsMin: clock.monotonicMs() - at - one.length + one.delay });
        at += one.length;
        assert.ok(stamp.endMs >= stamp.startMs);
        if (last !== undefined) {
          assert.ok(stamp.era >= last.era);
          if (stamp.era === last.era) assert.ok(stamp.startMs >= last.endMs);
          if (stamp.continues) assert.equal(stamp.startMs, last.endMs);
        }
        last = stamp;
      }
    }),
    { seed: 20_261_122, numRuns: 2_000 },
  );
});

test("[R15] a camera's timestamps that leap an hour leave our time as it is", async (t) => {
  const one = await bench(tempRoot(t));
  const camera = new Camera(one);
  camera.connect();
  await camera.send(120);
  camera.ticks += 3_600 * 90_000;
  await camera.send(80);
  camera.ticks -= 7_200 * 90_000;
  await camera.send(100);
  camera.close();
  await one.recorder.stop();
  const segments = one.entries.filter((entry) => entry.kind === "segment");
  assert.equal(
    segments.reduce((sum, entry) => sum + entry.endMs - entry.startMs, 0),
    300 * 40,
  );
  for (const [index, entry] of segments.entries()) if (index > 0) assert.equal(entry.startMs, segments[index - 1]?.endMs);
  assert.equal(
    segments.reduce((sum, entry) => sum + (entry.troubles["timeJumps"] ?? 0), 0),
    2,
  );
  assert.deepEqual((await check(one)).problems, []);
  assert.equal(one.recorder.states()[0]?.stream, CAMERA);
});
