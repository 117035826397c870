import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { CHUNK_BYTES, ChunkPool, FRAGMENT_BYTES_MAX, FRAGMENT_MS_MAX, FRAGMENT_SAMPLES_MAX, Rope, SAMPLE_BYTES_MAX, fragmentPayload } from "../src/index.ts";
import type { Fragment } from "../src/index.ts";
import { AAC, FRAME, Feed, VIDEO, join } from "./mp4-feed.ts";

function shape(fragments: readonly Fragment[]): string[] {
  return fragments.map((one) => `${one.key ? "key" : "delta"} ${one.tracks[0]?.pts.length ?? 0}`);
}

test("[M60] a GOP of 2 s is a fragment; of 0.4 s, three share one; of 8 s, it is cut by time", () => {
  const usual = new Feed();
  usual.run(150, 50);
  assert.deepEqual(shape(usual.done()), ["key 50", "key 50", "key 50"]);
  const short = new Feed();
  short.run(90, 10);
  assert.deepEqual(shape(short.done()), ["key 30", "key 30", "key 30"]);
  const long = new Feed();
  long.run(400, 200);
  assert.deepEqual(shape(long.done()), ["key 52", "delta 52", "delta 52", "delta 44", "key 52", "delta 52", "delta 52", "delta 44"]);
  for (const one of long.fragments) {
    const lead = one.tracks[0];
    assert.ok(lead !== undefined && ((lead.endTicks - lead.startTicks) * 1_000) / 90_000 <= FRAGMENT_MS_MAX);
  }
});

test("[M61] with B-frames a cut never parts a picture from one shown after it", () => {
  const feed = new Feed();
  // Decode order of I P B B P B B: each P is shown three frames after the one before.
  const order = [0];
  for (let p = 3; p < 300; p += 3) order.push(p, p - 2, p - 1);
  for (const [index, frame] of order.entries()) {
    feed.arrivedMs += 40;
    feed.put(frame * FRAME, index === 0, 50, index & 255);
  }
  let shown = -1;
  for (const fragment of feed.done()) {
    const lead = fragment.tracks[0];
    assert.ok(lead !== undefined);
    assert.ok(Math.min(...lead.pts) > shown);
    shown = Math.max(...lead.pts);
    assert.deepEqual(
      [...lead.dts],
      [...lead.pts].sort((a, b) => a - b),
    );
  }
  assert.ok(feed.fragments.length >= 5);
  assert.equal(
    feed.fragments.reduce((sum, one) => sum + one.troubles.timeRepairs + one.troubles.timeJumps, 0),
    0,
  );
});

for (const [name, leap] of [
  ["an hour back", -324_000_000],
  ["an hour ahead", 324_000_000],
  ["3 s back", -270_000],
] as const) {
  test(`[M62] timestamps that leap ${name} go on one frame later, and a new run begins at the next key frame`, () => {
    const feed = new Feed();
    const next = feed.run(75, 50, 1_000_000_000);
    let ticks = next + leap;
    for (let i = 75; i < 150; i++) {
      feed.arrivedMs += 40;
      feed.put(ticks, i % 50 === 0);
      ticks += FRAME;
    }
    const fragments = feed.done();
    assert.deepEqual(
      fragments.map((one) => one.run),
      [0, 0, 1],
    );
    assert.equal(
      fragments.reduce((sum, one) => sum + one.troubles.timeJumps, 0),
      1,
    );
    const times = fragments.flatMap((one) => [...(one.tracks[0]?.pts ?? [])]);
    assert.deepEqual(
      times,
      times.map((_, index) => index * FRAME),
    );
  });
}

test("[M62] a camera that pauses 8 s and says so has not leapt: the frame before lasts as long", () => {
  const feed = new Feed();
  const next = feed.run(50, 50);
  feed.arrivedMs += 8_000;
  feed.run(50, 50, next + 8 * 90_000);
  const [first] = feed.done();
  assert.equal(
    feed.fragments.reduce((sum, one) => sum + one.troubles.timeJumps, 0),
    0,
  );
  assert.equal(first?.tracks[0]?.endTicks, next + 8 * 90_000);
});

test("[M63] equal timestamps are moved apart by a tick, and told", () => {
  const feed = new Feed();
  for (const ticks of [0, FRAME, FRAME, FRAME, 2 * FRAME]) feed.put(ticks, ticks === 0);
  const lead = feed.done()[0]?.tracks[0];
  assert.deepEqual([...(lead?.pts ?? [])], [0, FRAME, FRAME + 1, FRAME + 2, 2 * FRAME]);
  assert.equal(feed.fragments[0]?.troubles.timeRepairs, 2);
});

test("[M63] a timestamp just behind what is written is moved up to it", () => {
  const feed = new Feed();
  const next = feed.run(51, 50);
  feed.put(next - 3 * FRAME, false);
  feed.done();
  const times = [...(feed.fragments[1]?.tracks[0]?.pts ?? [])];
  assert.deepEqual(times, [50 * FRAME, 49 * FRAME + 1]);
  assert.equal(feed.fragments[1]?.troubles.timeRepairs, 1);
});

test("[M64] empty samples, those before the first key frame and those over the limit are left out and counted", () => {
  const feed = new Feed([VIDEO, AAC]);
  feed.put(0, false);
  feed.put(0, true, 10, 1, 1);
  feed.put(FRAME, true);
  feed.put(2 * FRAME, false, 0);
  feed.put(0, false, 10);
  feed.put(3 * FRAME, false, SAMPLE_BYTES_MAX);
  feed.put(4 * FRAME, false, SAMPLE_BYTES_MAX + 1);
  const troubles = feed.done().map((one) => one.troubles);
  const total = (kind: keyof (typeof troubles)[number]): number => troubles.reduce((sum, one) => sum + one[kind], 0);
  assert.deepEqual([total("beforeKey"), total("emptySamples"), total("largeSamples")], [3, 1, 1]);
  assert.deepEqual(
    feed.fragments.flatMap((one) => [...(one.tracks[0]?.sizes ?? [])]),
    [100, SAMPLE_BYTES_MAX],
  );
});

test("[M64] a rope that only ever gets samples nobody takes does not grow", () => {
  const feed = new Feed();
  for (let i = 0; i < 1_000; i++) feed.put(i * FRAME, false, 5_000);
  assert.equal(feed.fragmenter.sinks[0]?.rope().length, 0);
  assert.equal(feed.done().length, 0);
});

test("[M65] a fragment is cut at its limits of samples and bytes, and where timestamps stand still", () => {
  const many = new Feed();
  for (let i = 0; i <= FRAGMENT_SAMPLES_MAX; i++) many.put(i * 10, i === 0, 1);
  assert.deepEqual(shape(many.done()), [`key ${FRAGMENT_SAMPLES_MAX}`, "delta 1"]);
  const large = new Feed();
  large.put(0, true, FRAGMENT_BYTES_MAX - 100);
  large.put(FRAME, false, 100);
  large.put(2 * FRAME, false, 1);
  assert.deepEqual(shape(large.done()), ["key 2", "delta 1"]);
  const still = new Feed();
  for (let i = 0; i < 60; i++) {
    still.arrivedMs += 200;
    still.put(i, i === 0, 1);
  }
  assert.deepEqual(shape(still.done()), ["key 26", "delta 26", "delta 8"]);
});

test("[M66] parameter sets that change end the fragment; the same again change nothing", () => {
  const feed = new Feed();
  const next = feed.run(25, 50);
  feed.fragmenter.sinks[0]?.config({ ...VIDEO, sps: [Uint8Array.from(VIDEO.sps[0] ?? [])] });
  feed.put(next, false);
  feed.fragmenter.sinks[0]?.config({ ...VIDEO, pps: [Uint8Array.of(0x68, 1)] });
  feed.put(next + FRAME, true);
  const fragments = feed.done();
  assert.deepEqual(shape(fragments), ["key 26", "key 1"]);
  assert.notEqual(fragments[0]?.configs, fragments[1]?.configs);
});

test("[M67] a track's time stands on the picture's by both sender reports, else by when samples came", () => {
  const feed = new Feed([VIDEO, AAC]);
  feed.put(1_000_000, true);
  feed.arrivedMs += 120;
  feed.put(5_000, true, 10, 1, 1);
  assert.equal(feed.fragmenter.skewMs(1), 120);
  feed.fragmenter.report(0, 50_000, 1_000_000);
  feed.fragmenter.report(1, 50_100, 5_000 + 16 * 70);
  assert.equal(feed.fragmenter.skewMs(1), 30);
  assert.equal(feed.fragmenter.cameraOffsetMs, 50_000);
});

test("[M68] what is collected is given byte for byte, whatever is abandoned, cut or released between", () => {
  const step = fc.record({
    size: fc.integer({ min: 0, max: 90_000 }),
    key: fc.constantFrom(true, false, false, false),
    abandon: fc.boolean(),
    release: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const feed = new Feed();
      const given: number[] = [];
      const taken: number[][] = [];
      const waiting: { fragment: Fragment; place: number }[] = [];
      const read = ({ fragment, place }: { fragment: Fragment; place: number }): void => {
        const bytes = join(fragmentPayload(fragment));
        let at = 0;
        taken[place] = Array.from(fragment.tracks[0]?.sizes ?? [], (size) => {
          assert.ok(bytes.subarray(at, at + size).every((byte) => byte === bytes[at]));
          at += size;
          return (bytes[at - size] as number) * 1e6 + size;
        });
        assert.equal(at, bytes.length);
        fragment.release();
      };
      let places = 0;
      // Now and then those that wait are read and given back, the newest first.
      const take = (release: boolean): void => {
        for (const fragment of feed.fragments.splice(0)) waiting.push({ fragment, place: places++ });
        if (release)
          waiting
            .splice(Math.floor(waiting.length / 3))
            .reverse()
            .forEach(read);
      };
      let begun = false;
      steps.forEach((one, index) => {
        feed.arrivedMs += 400;
        if (one.abandon) {
          const sink = feed.fragmenter.sinks[0];
          const start = sink?.rope().length ?? 0;
          sink?.rope().append(new Uint8Array(one.size).fill(255), 0, one.size);
          sink?.abandon(start);
        }
        begun ||= one.key && one.size > 0;
        if (begun && one.size > 0) given.push((index & 127) * 1e6 + one.size);
        feed.put(index * 36_000, one.key, one.size, index & 127);
        take(one.release);
      });
      feed.done();
      take(false);
      waiting.reverse().forEach(read);
      assert.deepEqual(taken.flat(), given);
    }),
    { seed: 7, numRuns: 300 },
  );
});

test("[M69] a rope's positions go on when its front is given back", () => {
  const pool = new ChunkPool();
  const rope = new Rope(pool);
  const bytes = Uint8Array.from({ length: 3 * CHUNK_BYTES + 10 }, (_, index) => index % 251);
  rope.append(bytes, 0, bytes.length);
  for (const front of [10, CHUNK_BYTES - 1, CHUNK_BYTES, 2 * CHUNK_BYTES + 5]) {
    rope.dropFront(front);
    assert.deepEqual(join(rope.views(front)), bytes.slice(front));
    assert.equal(rope.byteAt(3 * CHUNK_BYTES + 9), bytes.at(-1));
  }
  rope.patchU32(3 * CHUNK_BYTES, 0x01020304);
  assert.equal(rope.byteAt(3 * CHUNK_BYTES + 3), 4);
  rope.truncate(2 * CHUNK_BYTES + 7);
  rope.append(bytes, 0, 5);
  assert.deepEqual(join(rope.views(2 * CHUNK_BYTES + 7)), bytes.slice(0, 5));
  rope.clear();
  rope.append(bytes, 0, 3);
  assert.deepEqual(join(rope.views()), bytes.slice(0, 3));
});
