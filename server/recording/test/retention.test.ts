import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { TestClock } from "../../ports/index.ts";
import type { DiskFailure, DiskStep } from "../../ports/index.ts";
import type { RetentionRule } from "../index.ts";
import { mayDelete } from "../retention.ts";
import { CAMERA, Camera, bench, check, story, tempRoot } from "./help.ts";
import type { Bench } from "./help.ts";

const HOUR = 3_600_000;

/** Four segments of 2 s, an hour apart, the last two on the next day. */
async function fourHours(root: string): Promise<Bench> {
  const one = await bench(root, new TestClock(Date.UTC(2026, 10, 22, 22, 30)));
  const camera = new Camera(one);
  for (let day = 0; day < 4; day++) {
    camera.connect();
    await camera.send(50);
    camera.close("switched-off");
    await one.recorder.idle();
    one.clock.advance(HOUR);
    await one.recorder.idle();
  }
  return one;
}

function hours(keepMin: number, keepMax: number | null, held: (at: number) => boolean = () => false): RetentionRule {
  return (_, { endMs }) => ({ keepUntil: endMs + keepMin * HOUR, deleteFrom: keepMax === null ? null : endMs + keepMax * HOUR, held: held(endMs) });
}

function folders(one: Bench): string[] {
  return readdirSync(path.join(one.root, "gate-1/main")).filter((name) => name !== "chain");
}

test("[R12] what is past its period is deleted, entered before it goes, and the rest stays", async (t) => {
  const one = await fourHours(tempRoot(t));
  const kept = await one.recorder.retain(hours(1, null));
  assert.deepEqual([kept.deletedSegments, folders(one).length], [0, 2]);
  const report = await one.recorder.retain(hours(1, 2.5));
  assert.deepEqual([report.deletedSegments, report.failed], [2, []]);
  assert.deepEqual(folders(one), ["2026-11-23"]);
  assert.deepEqual(story(one.entries).filter((line) => line === "deletion").length, 2);
  const again = await one.recorder.retain(hours(1, 2.5));
  assert.equal(again.deletedSegments, 0);
  await one.recorder.stop();
  const fsck = await check(one);
  assert.deepEqual([fsck.problems, fsck.notes, fsck.segments], [[], [], 2]);
  const two = await one.again();
  assert.equal(two.recorder.states()[0]?.storedBytes, fsck.bytes);
  await two.recorder.stop();
});

test("[R12] nothing goes inside its minimum period or under a hold, whatever the maximum says", async (t) => {
  const one = await fourHours(tempRoot(t));
  const start = one.entries.find((entry) => entry.kind === "segment");
  assert.ok(start?.kind === "segment");
  const held = await one.recorder.retain(hours(0, 0, (endMs) => endMs === start.endMs));
  assert.deepEqual([held.deletedSegments, held.keptSegments], [3, 1]);
  assert.ok(existsSync(path.join(one.root, start.file)));
  const floor = await one.recorder.retain(hours(30, 1));
  assert.deepEqual([floor.deletedSegments, floor.keptSegments], [0, 1]);
  await one.recorder.stop();
});

test("[R12] due at the instant, not a millisecond before", () => {
  const keeping = { keepUntil: 1_000, deleteFrom: 2_000, held: false };
  assert.equal(mayDelete(keeping, 1_999), "not-due");
  assert.equal(mayDelete(keeping, 2_000), "delete");
  assert.equal(mayDelete({ ...keeping, keepUntil: 2_001 }, 2_000), "keep");
  assert.equal(mayDelete({ ...keeping, held: true }, 2_000), "keep");
  assert.equal(mayDelete({ ...keeping, deleteFrom: null }, 1e15), "not-due");
});

const STEPS: readonly (readonly [DiskStep, string, DiskFailure])[] = [
  ["writev", ".ndjson", "failed"],
  ["writev", ".ndjson", "stored"],
  ["writev", ".ndjson", "torn"],
  ["sync", ".ndjson", "failed"],
  ["sync", ".ndjson", "stored"],
  ["remove", ".mp4", "failed"],
  ["remove", ".mp4", "stored"],
  ["syncFolder", "2026", "failed"],
  ["removeFolder", "2026", "failed"],
  ["removeFolder", "2026", "stored"],
];

for (const [step, where, how] of STEPS) {
  test(`[R10] deletion: ${step} of ${where} ${how}; the next start finishes what the chain says`, async (t) => {
    const one = await fourHours(tempRoot(t));
    one.disk.plan({ step, path: where, how });
    const failed = await one.recorder.retain(hours(1, 2.5));
    assert.deepEqual(failed.failed, [CAMERA]);
    one.disk.heal();
    // Left as a crash leaves it, and once more after an orderly stop.
    for (const stop of [false, true]) {
      if (stop) await one.recorder.stop();
      const two = await one.again();
      await two.recorder.stop();
      const report = await check(two);
      assert.deepEqual([report.problems, report.notes], [[], []]);
      if (!stop) break;
    }
    const three = await one.again();
    await three.recorder.retain(hours(1, 2.5));
    await three.recorder.stop();
    const report = await check(three);
    assert.deepEqual([report.problems, report.notes, report.segments], [[], [], 2]);
  });
}
